// engine.io's and SockJS' own clients, and a websocket without either: one frame per message, as JSON.

import { createRequire } from 'node:module'
import { Socket } from 'engine.io-client'
import WebSocket from 'ws'

const require = createRequire(import.meta.url)
const engine3 = require('engine.io-client3')
const SockJS = require('sockjs-client')

/** Opens engine.io's client of version 6 or 3. */
export function openEngine ({ version, options }, url, tell) {
  const all = { path: '/engine.io/', rememberUpgrade: false, ...options }
  const socket = version === 6 ? new Socket(url, all) : engine3(url, all)
  socket.on('open', () => tell.opened())
  socket.on('message', text => tell.message(JSON.parse(text)))
  socket.on('error', error => tell.failed(error))
  socket.on('close', reason => tell.closed(reason))
  return {
    client: socket,
    transport: () => socket.transport?.name,
    send: value => socket.send(JSON.stringify(value)),
    sid: () => socket.id,
    end: () => socket.close()
  }
}

/** Opens SockJS' client. */
export function openSockjs ({ options }, url, tell) {
  const socket = new SockJS(`${url}/sockjs`, null, options)
  socket.onopen = () => tell.opened()
  socket.onmessage = ({ data }) => tell.message(JSON.parse(data))
  socket.onclose = ({ code, reason }) => tell.closed(`${code} ${reason}`)
  return {
    client: socket,
    transport: () => socket.transport,
    send: value => socket.send(JSON.stringify(value)),
    sid: () => undefined,
    end: () => socket.close()
  }
}

/** Opens SockJS' raw websocket. */
export function openSocket ({ path }, url, tell) {
  const socket = new WebSocket(url.replace('http', 'ws') + path)
  socket.on('open', () => tell.opened())
  socket.on('message', (data, isBinary) => tell.message(isBinary ? { binary: data } : JSON.parse(data.toString())))
  socket.on('error', error => tell.failed(error))
  socket.on('close', (code, reason) => tell.closed(`${code} ${reason}`))
  return {
    client: socket,
    transport: () => 'websocket',
    send: value => socket.send(JSON.stringify(value)),
    sid: () => undefined,
    end: () => socket.close()
  }
}
