// Where a classic script puts its classes: into `module.exports` where there is one, else onto the page.

export function publish (exported: any, names: { [name: string]: unknown }): void {
  if (nodeModule && nodeModule.exports) {
    nodeModule.exports = Object.assign(exported, names)
    return
  }
  const page: any = typeof self !== 'undefined' ? self : typeof window !== 'undefined' ? window : {}
  for (const name of Object.keys(names)) page[name] = names[name]
}
