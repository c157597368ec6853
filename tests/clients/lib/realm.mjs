// A client's scripts in node, with no more around them than they may count on: `require`, timers and `URL`, and on
// request a `window` that has nothing of a window's. Whoever needs another global fails here; who polls has `fetch`.

import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { agent } from './agent.mjs'
import { ROOT } from './demo.mjs'
import { XMLHttpRequest } from './xhr.mjs'

const require = createRequire(import.meta.url)
const compiled = new Map()
let folder

/** The agent of a subject in this process. */
export async function realm (subject, { window = false } = {}) {
  return subject.module ? inModule(subject) : inContext(subject, window)
}

/** The package as a person has it who installed it beside `ws`. */
async function inModule ({ module }) {
  const folder = installed()
  const exported = module.endsWith('.cjs')
    ? createRequire(`${folder}/application.js`)('playhouse-client')
    : await import(pathToFileURL(`${folder}/application.mjs`))
  return agent(() => exported.ActionheroWebsocketClient)
}

function installed () {
  if (folder) return folder
  folder = mkdtempSync(join(tmpdir(), 'playhouse-client-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['dist', 'package.json']) {
    cpSync(`${ROOT}client/${part}`, `${folder}/node_modules/playhouse-client/${part}`, { recursive: true })
  }
  symlinkSync(dirname(require.resolve('ws/package.json')), `${folder}/node_modules/ws`)
  writeFileSync(`${folder}/application.mjs`, "export * from 'playhouse-client'\n")
  return folder
}

function inContext (subject, window) {
  const module = { exports: {} }
  const globals = {
    require, module, exports: module.exports, setTimeout, clearTimeout, setInterval, clearInterval, URL, console
  }
  // Stock scripts are of their time: ActionHero's takes the browser's way to HTTP.
  if (subject.scripts !== undefined && !subject.keeps.mends) globals.XMLHttpRequest = XMLHttpRequest
  if (subject.polls) Object.assign(globals, { fetch, AbortController, crypto })
  if (window) globals.window = {}
  const context = vm.createContext(globals)
  for (const text of scriptsOf(subject)) {
    text.runInContext(context)
    // What a script exports where there is a `module` is what a page has as a global.
    if (typeof module.exports === 'function') context[module.exports.name || 'Primus'] ??= module.exports
    Object.assign(context, { Primus: context.Primus ?? context.window?.Primus ?? exported(module) })
    module.exports = {}
  }
  const find = vm.runInContext('(window => () => typeof ActionheroWebsocketClient === "function" ? ActionheroWebsocketClient : window.ActionheroWebsocketClient)', context)
  return vm.runInContext(`(${agent})`, context)(find(context.window), !subject.keeps.mends)
}

function exported (module) {
  return typeof module.exports === 'function' ? module.exports : module.exports.Primus
}

/** The subject's scripts, read once. */
function scriptsOf (subject) {
  if (!compiled.has(subject.name)) {
    compiled.set(subject.name, subject.scripts(false).map((text, n) => new vm.Script(text, { filename: `${subject.name}-${n}.js` })))
  }
  return compiled.get(subject.name)
}
