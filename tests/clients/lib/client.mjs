// The clients that people have: ActionHero's file, joined with the Primus client library that a
// Primus server of the wanted version writes. Both are taken from npm and used as they are. The
// joining follows what an ActionHero server does when it writes
// `public/javascript/ActionheroWebsocketClient.js`; only the page around it is ours.

import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { within } from './wait.mjs'
import { XMLHttpRequest } from './xhr.mjs'

const require = createRequire(import.meta.url)
const opened = new Set()

/** The versions of Primus whose clients must work. */
export const PRIMUS = [8, 7, 6]

/** What differs between the servers that write the libraries. */
const SERVER_OPTIONS = {
  6: { timeout: 35_000 },
  7: { pingInterval: 30_000 },
  8: { pingInterval: 30_000 }
}

/** The text of the client library of Primus 6, 7 or 8, as its own server writes it. */
export function primusLibrary (version, { node = true, ...options } = {}) {
  const Primus = require(`primus${version}`)
  const server = new Primus(new EventEmitter(), {
    transformer: 'websockets', pathname: '/primus', ...SERVER_OPTIONS[version], ...options
  })
  const text = server.library(node)
  clearInterval(server.heartbeatInterval)
  return text
}

/** The class `Primus` of a client library, for use in node. `load` finds the packages that it asks for. */
export function primusClass (version, options, load = require) {
  const module = { exports: {} }
  // Without a WebSocket of its own the library takes the package `ws`, which can send headers.
  const run = new Function('require', 'module', 'exports', 'WebSocket', 'MozWebSocket',
    primusLibrary(version, options))
  run.call({}, load, module, module.exports, undefined, undefined)
  return module.exports
}

const CLIENT_FILES = { 29: 'actionhero', 18: 'actionhero18' }

/** The text of ActionHero's client with its defaults filled in. */
export function actionheroSource (version, url, apiPath = '/api') {
  const file = require.resolve(`${CLIENT_FILES[version]}/client/ActionheroWebsocketClient.js`)
  const defaults = { apiPath, cookieKey: 'sessionID', url }
  const text = inspect(defaults).replace("'window.location.origin'", 'window.location.origin')
  return readFileSync(file, 'utf8').replace('%%DEFAULTS%%', `return ${text}`)
}

/** Both texts joined for a page, as an ActionHero server delivers them. */
export function browserBundle (primus = 8, version = 29) {
  return `${primusLibrary(primus, { node: false })}\r\n\r\n\r\n;;;\r\n(function(exports){ \r\n` +
    `${actionheroSource(version, 'window.location.origin')}\r\n` +
    'exports.ActionheroWebsocketClient = ActionheroWebsocketClient; \r\n' +
    "})(typeof exports === 'undefined' ? window : exports);"
}

/**
 * A stock client that is not connected yet.
 *
 * `cookie` is what `document.cookie` would be in a page; `headers` are sent with the upgrade; `prefix` is
 * the path below which the server is mounted, which servers compile into the client that they write.
 * Everything else is given to Primus as its options.
 */
export function stockClient (url, { primus = 8, version = 29, cookie, headers, prefix = '', ...options } = {}) {
  const page = cookie === undefined ? undefined : { cookie }
  const build = new Function('Primus', 'document', 'XMLHttpRequest',
    `${actionheroSource(version, url, `${prefix}/api`)}\nreturn ActionheroWebsocketClient`)
  const ActionheroWebsocketClient = build(primusClass(primus, { pathname: `${prefix}/primus` }), page, XMLHttpRequest)
  const transport = headers ? { headers } : {}
  const client = new ActionheroWebsocketClient({
    reconnect: { min: 50, max: 400, retries: 100 }, transport, ...options
  })
  opened.add(client)
  return client
}

/** Connects it; the value is the reply to its `detailsView`. */
export function connected (client, ms = 5_000) {
  return within(ms, 'the client is connected', new Promise((resolve, reject) => {
    client.connect((error, details) => error ? reject(error) : resolve(details))
  }))
}

/** A connected stock client. */
export async function connect (url, options) {
  const client = stockClient(url, options)
  await connected(client)
  return client
}

/** Calls a method that takes a callback and returns what the callback got. */
export function ask (client, method, ...args) {
  return within(10_000, `reply to ${method}(${inspect(args)})`, new Promise(resolve => {
    client[method](...args, resolve)
  }))
}

/** Sends any frame through the client and returns the reply. */
export function send (client, frame) {
  return within(5_000, `reply to ${inspect(frame)}`, new Promise(resolve => { client.send(frame, resolve) }))
}

/** Everything that the client tells, in order, as `[event, value]`. */
export function record (client, ...events) {
  const seen = []
  for (const name of events) client.on(name, value => { seen.push([name, value]) })
  return seen
}

/** Closes every client of this file. */
export function closeClients () {
  for (const client of opened) {
    if (client.client) client.client.end()
  }
  opened.clear()
}
