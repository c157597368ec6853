// Modules of src/, so that they can be tested one by one: bundled as they are asked for.

import { build } from 'esbuild'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
globalThis.nodeRequireOfTests = createRequire(import.meta.url)

/** What a module exports. `compiled` stands where a server would have written its object. */
export async function source (path) {
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}src/${path}`],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'esm',
    define: { VERSION: '"0.0.0-test"', nodeRequire: 'globalThis.nodeRequireOfTests', nodeModule: 'undefined' }
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`)
}
