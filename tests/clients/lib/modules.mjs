// Packages from npm for a page without a bundler: modules as they are, found by an import map; what is CommonJS is wrapped.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../node_modules/', import.meta.url))
const AT = '/npm/'

/** RivetKit's client and what it is made of, each with its file for browsers. */
const IMPORTS = {
  'rivetkit/client': 'rivetkit-2.2/dist/browser/client.js',
  '@rivetkit/bare-ts': '@rivetkit/bare-ts/dist/index.js',
  '#dev': '@rivetkit/bare-ts/imports/dev.js',
  'cbor-x': 'cbor-x/index.js',
  invariant: 'invariant/browser.js',
  'is-network-error': 'is-network-error/index.js',
  'p-retry': 'p-retry/index.js',
  pino: 'pino/browser.js',
  retry: 'retry/index.js',
  vbare: 'vbare/dist/index.mjs',
  'zod/v4': 'zod/v4/index.js'
}

const COMMON = { invariant: [], pino: ['pino', 'stdTimeFunctions'], retry: [] }

const MAP = JSON.stringify({ imports: Object.fromEntries(Object.entries(IMPORTS).map(([name, path]) => [name, AT + path])) })

/** A page with this body and this program. */
export function pageOf (body, program) {
  return `<!doctype html><title>page</title><link rel="icon" href="data:,"><script type="importmap">${MAP}</script>` +
    `${body}<script type="module">${program}</script>`
}

/** A window in which pages find their packages. The pages themselves a server has to give: what nobody served may not speak to one. */
export function withModules (page) {
  return page.route(`**${AT}**`, route => {
    const file = new URL(route.request().url()).pathname.slice(AT.length)
    return route.fulfill({ contentType: 'text/javascript', body: source(file) })
  })
}

function source (file) {
  const [name, names] = Object.entries(COMMON).find(([name]) => IMPORTS[name] === file) ?? []
  if (!name) return readFileSync(join(FOLDER, file), 'utf8')
  return `${wrapped(join(FOLDER, file))}\nexport default all\n${names.map(name => `export const ${name} = all.${name}`).join('\n')}`
}

/** A CommonJS file, and those that it requires, as one value `all`. */
function wrapped (entry) {
  const files = new Map()
  const collect = file => {
    if (files.has(file)) return
    const text = readFileSync(file, 'utf8')
    files.set(file, text)
    for (const [, wanted] of text.matchAll(/require\('([^']+)'\)/g)) collect(createRequire(file).resolve(wanted))
  }
  collect(entry)
  const parts = [...files].map(([file, text]) => {
    const found = Object.fromEntries([...text.matchAll(/require\('([^']+)'\)/g)]
      .map(([, wanted]) => [wanted, relative(FOLDER, createRequire(file).resolve(wanted))]))
    return `${JSON.stringify(relative(FOLDER, file))}: [${JSON.stringify(found)}, function (module, exports, require) {\n${text}\n}]`
  })
  return `const parts = {${parts.join(',\n')}}
const process = { env: {} }
const load = name => {
  const [found, run] = parts[name]
  const module = { exports: {} }
  run.call(module.exports, module, module.exports, wanted => load(found[wanted]))
  return module.exports
}
const all = load(${JSON.stringify(relative(FOLDER, entry))})`
}
