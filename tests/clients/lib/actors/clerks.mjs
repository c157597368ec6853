// The example whose actors sleep, wake and compute (`crates/playhouse/examples/clerks.rs`), and how it is spoken to by hand.

import { example, launch } from '../demo.mjs'
import { get, sendJson } from '../http.mjs'
import { Seat } from './seat.mjs'

/** Starts it. */
export function clerks (env) {
  return launch({ command: example('clerks'), env: { PLAYHOUSE_LOG__FILTER: 'warn', ...env } }).listening()
}

/** The path of a connection to the clerk with that key, who is made if need be. */
export function pathOf (key) {
  return `/gateway/clerk/connect?rvt-method=getOrCreate&rvt-key=${encodeURIComponent(key)}`
}

/** A visitor of that clerk, let in. */
export async function seatAt (server, key, options) {
  const seat = await Seat.open(server, pathOf(key), { encoding: 'json', ...options })
  const { tag } = await seat.next(15_000)
  if (tag !== 'Init') throw new Error(`the first frame is ${tag}`)
  return seat
}

/** A call over HTTP to the clerk with that key; its output. */
export async function callTo (server, key, action, ...args) {
  const path = `/gateway/clerk/action/${action}?rvt-method=getOrCreate&rvt-key=${encodeURIComponent(key)}`
  const { json, status } = await sendJson(server, 'POST', path, { args })
  if (status !== 200) throw new Error(`${action} at ${key}: ${status} ${JSON.stringify(json)}`)
  return json.output
}

/** How all clerks are, and what is wrong with the node. */
export async function status (server) {
  const { json } = await get(server, '/api/status')
  return { ...json, awake: json.starts - json.sleeps }
}
