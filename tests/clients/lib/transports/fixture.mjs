// The server that says back what it hears (`protocol-fixture` of crate server), and what tests say to it.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before } from 'node:test'
import { Socket } from 'engine.io-client'
import WebSocket from 'ws'
import { example, launch } from '../demo.mjs'
import { HOST } from '../host.mjs'
import { closeSockets } from '../raw.mjs'
import { event } from '../wait.mjs'
import { Queue } from './queue.mjs'

const engine3 = createRequire(import.meta.url)('engine.io-client3')
const opened = new Set()

/** The echo for the tests of this file, with this heartbeat in ms. It must still be there when they are done. */
export function useFixture ({ interval = 25_000, timeout = 20_000 } = {}) {
  const args = ['--host', HOST, '--port', '0', '--ping-interval', `${interval}`, '--ping-timeout', `${timeout}`]
  const handle = {}
  handle.ready = launch({ command: example('protocol-fixture'), args }).listening()
    .then(server => { Object.setPrototypeOf(handle, server) })
  handle.ready.catch(() => {})
  before(() => handle.ready)
  after(async () => {
    for (const end of opened) end()
    closeSockets()
    if (!handle.pid) return
    assert.equal(handle.ended, null, 'the server is still running after all tests of this file')
    await handle.kill()
  })
  return handle
}

/** Has `end` called when the file is through. */
export function later (end) {
  opened.add(end)
}

/** What came, in a form that can be compared: texts as they are, bytes as one kind of them. */
export function plain (value) {
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** So many bytes, all values among them. */
export const bytes = length => Buffer.from(Array.from({ length }, (_, n) => (n * 7 + length) & 255))

/** The ways in which engine.io's own clients can be told to go. */
export const WAYS = [6, 3].flatMap(version => [
  { version, how: 'websocket', transports: ['websocket'], ends: 'websocket' },
  { version, how: 'polling', transports: ['polling'], ends: 'polling' },
  { version, how: 'upgrading', transports: ['polling', 'websocket'], ends: 'websocket' }
]).flatMap(way => [way, { ...way, how: `${way.how}, base64`, forceBase64: true }])

/** engine.io's own client, open; what it hears is in `heard`. */
export async function engineClient (server, { version, transports, forceBase64 = false }) {
  const options = { path: '/engine.io/', rememberUpgrade: false, transports, forceBase64 }
  const client = version === 6 ? new Socket(server.url, options) : engine3(server.url, options)
  later(() => client.close())
  client.heard = new Queue(`messages at engine.io-client ${version}`)
  // Both say `undefined` where a text is empty.
  client.on('message', (data = '') => client.heard.push(plain(data)))
  client.ended = new Promise(resolve => client.on('close', resolve))
  await event(client, 'open')
  return client
}

/** A websocket; what comes is in `heard`, texts as texts and bytes as bytes. */
export async function bareSocket (server, path) {
  const socket = new WebSocket(`ws://${server.host}${path}`)
  later(() => socket.terminate())
  socket.heard = new Queue(`frames at ${path}`)
  socket.on('message', (data, isBinary) => socket.heard.push(isBinary ? data : data.toString()))
  socket.on('error', () => {})
  socket.ended = new Promise(resolve => socket.on('close', resolve))
  await event(socket, 'open')
  return socket
}
