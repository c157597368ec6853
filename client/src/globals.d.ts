// What the build puts around and into the bundle.

/** This package's version. */
declare const VERSION: string

/** `require` of CommonJS or of node, where there is one. */
declare const nodeRequire: ((name: string) => any) | undefined

/** `module` of CommonJS, where there is one. Only in classic scripts. */
declare const nodeModule: { exports: any } | undefined
