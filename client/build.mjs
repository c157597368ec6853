// Builds dist/: classic scripts, the npm package's entries, and types. `node build.mjs [folder]`.

import { build } from 'esbuild'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const here = dirname(fileURLToPath(import.meta.url))
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const BANNER = `/*! playhouse-client ${version}, Apache-2.0 */`
/** Compressed. A page loads both ways to its server: the websocket, and polling for where no websocket passes. */
const SIZE_MAX = 13 * 1024

/** Names of parts that no page meets: in the minified scripts they are short. */
const INNER = new RegExp(`^(${[
  'another asked asking attemptAfter awaited backOff cameOnline clearAll deliver dial dialTimedOut early encoded entered finish flights',
  'greeting ground heard hurry joined keyOfReply later linger lost missed misses mute networkDown nowOnline obey onRefused opened ordinal past phase',
  'pinged polls pulse received recovering refused running schedule seated sending settle settled shell signal silent suspect',
  'tell timers timer transmit uncounted unready unsaid unsent unwatch used vacate wentOffline woke world'
].join(' ').replaceAll(' ', '|')})$`)

/** A bundle of one entry, as text. */
async function bundle (entry, options) {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'src/entry', entry)],
    absWorkingDir: here,
    bundle: true,
    write: false,
    target: 'es2017',
    charset: 'ascii',
    define: { VERSION: JSON.stringify(version) },
    ...options
  })
  return outputFiles[0].text
}

/**
 * A script for a page, which serves as a CommonJS module too. The names stand outside of the function, so that
 * what is appended to the file finds them everywhere.
 */
async function classic (entry, names, minify) {
  const body = await bundle(entry, { format: 'iife', minify, mangleProps: minify ? INNER : undefined })
  return `${BANNER}\nvar ${names.join(', ')};\n(function (nodeRequire, nodeModule) {\n${body.trim()}\n` +
    '})(typeof require === "function" ? require : undefined, typeof module === "object" ? module : undefined);\n'
}

const ESM_REQUIRE = 'const nodeRequire = typeof process === "object" && process.getBuiltinModule ' +
  '? process.getBuiltinModule("module").createRequire(import.meta.url) : undefined;'
const CJS_REQUIRE = 'const nodeRequire = typeof require === "function" ? require : undefined;'
const NO_MODULE = 'const nodeModule = undefined;'

/** All files of dist/ by name. */
async function files () {
  const scripts = { actionhero: ['ActionheroWebsocketClient', 'ActionheroClient', 'Primus'], primus: ['Primus'] }
  const out = {}
  for (const [name, names] of Object.entries(scripts)) {
    out[`${name}.js`] = await classic(`${name}.ts`, names, false)
    out[`${name}.min.js`] = await classic(`${name}.ts`, names, true)
  }
  out['index.mjs'] = await bundle('package.ts', { format: 'esm', banner: { js: [BANNER, ESM_REQUIRE, NO_MODULE].join('\n') } })
  out['index.cjs'] = await bundle('package.ts', { format: 'cjs', banner: { js: [BANNER, CJS_REQUIRE, NO_MODULE].join('\n') } })
  return { ...out, ...types() }
}

/** Both forms of the types are made of one text: a module's, and a script's in which the server writes its own. */
function types () {
  const client = readFileSync(join(here, 'types/client.ts'), 'utf8')
  const [, application, body] = client.split(/^\/\/ ---- .*\n/m)
  const script = readFileSync(join(here, 'types/script.ts'), 'utf8')
  const module = readFileSync(join(here, 'types/module.ts'), 'utf8')
  const indented = text => text.trim().replace(/^(?=.)/gm, '  ')
  const filled = script.replace("  //%%BODY%%", () => indented(body))
  const index = module.replace('//%%BODY%%', () => `${application.trim()}\n\n${body.trim()}`)
  return { 'client.d.ts': `${BANNER}\n${filled}`, 'index.d.ts': `${BANNER}\n${index}`, 'index.d.mts': `${BANNER}\n${index}` }
}

const target = resolve(process.argv[2] ?? join(here, 'dist'))
mkdirSync(target, { recursive: true })
for (const [name, text] of Object.entries(await files())) {
  writeFileSync(join(target, name), text)
  const size = gzipSync(text, { level: 9 }).length
  console.log(`${name.padEnd(20)} ${String(text.length).padStart(6)} bytes, ${String(size).padStart(5)} compressed`)
  if (name === 'actionhero.min.js' && size > SIZE_MAX) throw new Error(`${name} is over ${SIZE_MAX} bytes compressed`)
}
