// The scripts of dist/ as a page and as node load them.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const require = createRequire(import.meta.url)

export const path = name => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))

/** A file's text, with what a server would have written in, and files appended. */
export function script (name, { compiled, append = '' } = {}) {
  const text = readFileSync(path(name), 'utf8')
  return (compiled ? text.replace('"%%COMPILED%%"', () => compiled) : text) + append
}

/** Runs scripts as a page does, and returns the page's globals. `WebSocket` is that of `ws`. */
export function page (scripts, more = {}) {
  const globals = { WebSocket: require('ws'), URL, setTimeout, clearTimeout, console, ...more }
  globals.window = globals.self = globals
  vm.createContext(globals)
  for (const text of scripts) vm.runInContext(text, globals)
  return globals
}

/** Runs a script as a CommonJS module, with no WebSocket but that of the package `ws`. */
export function commonJs (text) {
  const module = { exports: {} }
  new Function('require', 'module', 'exports', 'WebSocket', text)(require, module, module.exports, undefined)
  return module.exports
}
