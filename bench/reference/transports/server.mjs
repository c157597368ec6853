#!/usr/bin/env node
// The makers' own servers on one port, behind the rule by which ours tells clients apart: what the tests of
// `tests/clients/transports` are measured by. It is started like the demo and says where it listens as the demo does.

import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import { Connection } from './application.mjs'

const require = createRequire(import.meta.url)
const { env } = process
const MOUNT_LIMIT = 10_485_760
const SOCKJS = /^\/(info|iframe[^/]*\.html|[^/.]+\/[^/.]+\/(websocket|xhr|xhr_send|xhr_streaming|eventsource|htmlfile|jsonp|jsonp_send))\/?$/

const number = (name, otherwise) => Number(env[`PLAYHOUSE_${name}`] ?? otherwise)
const engine = {
  allowEIO3: true,
  pingInterval: number('ENGINEIO__PING_INTERVAL', 25_000),
  pingTimeout: number('ENGINEIO__PING_TIMEOUT', 20_000)
}
const sockjs = {
  heartbeat_delay: number('SOCKJS__HEARTBEAT', 25_000),
  disconnect_delay: number('SOCKJS__DISCONNECT_DELAY', 5_000)
}

/** A Primus of that transformer, without a server of its own. */
function primus (transformer, transport) {
  const Primus = require('primus')
  const place = new EventEmitter()
  const pingInterval = number('WEBSOCKET__SERVER__PING_INTERVAL', 30_000)
  // The id that engine.io gives a spark is the session's, which no other connection may see.
  const secret = transformer === 'engine.io'
  const server = new Primus(place, {
    transformer,
    transport,
    pathname: '/primus',
    pingInterval,
    maxLength: number('WEBSOCKET__SERVER__MAX_LENGTH', MOUNT_LIMIT),
    ...secret ? {} : { idGenerator: randomUUID }
  })
  server.on('connection', spark => {
    const connection = new Connection(value => spark.write(value), () => spark.end(), secret ? undefined : spark.id)
    spark.on('data', frame => connection.take(frame))
    spark.on('end', () => connection.leave())
  })
  return place
}

function plainEngine () {
  const place = new EventEmitter()
  const { Server } = require('engine.io')
  const server = new Server({ ...engine, maxHttpBufferSize: number('ENGINEIO__MAX_PAYLOAD', MOUNT_LIMIT) })
  server.attach(place, { path: '/engine.io/', destroyUpgrade: false })
  server.on('connection', socket => {
    const connection = new Connection(value => socket.send(JSON.stringify(value)), () => socket.close())
    socket.on('message', text => connection.take(JSON.parse(text)))
    socket.on('close', () => connection.leave())
  })
  return place
}

function plainSockjs () {
  const place = new EventEmitter()
  const server = require('sockjs').createServer({ prefix: '/sockjs', log () {}, ...sockjs })
  server.on('connection', socket => {
    if (!socket) return
    const connection = new Connection(value => socket.write(JSON.stringify(value)), () => socket.close(1000, 'Normal closure'))
    socket.on('data', text => connection.take(JSON.parse(text)))
    socket.on('close', () => connection.leave())
  })
  server.installHandlers(place)
  return place
}

const places = {
  websockets: primus('websockets'),
  engine: primus('engine.io', engine),
  sockjs: primus('sockjs', sockjs),
  plainEngine: plainEngine(),
  plainSockjs: plainSockjs()
}

/** Who answers that request. */
function placeOf ({ url }) {
  const { pathname, searchParams } = new URL(url, 'http://x')
  if (pathname.startsWith('/engine.io/')) return places.plainEngine
  if (/^\/sockjs(\/|$)/.test(pathname)) return places.plainSockjs
  if (!/^\/primus(\/|$)/.test(pathname)) return undefined
  const rest = pathname.slice('/primus'.length)
  if (rest.length < 2 && searchParams.has('EIO') && searchParams.has('transport')) return places.engine
  return SOCKJS.test(rest) ? places.sockjs : places.websockets
}

const server = http.createServer((request, response) => {
  const place = placeOf(request)
  if (place) return place.emit('request', request, response)
  response.writeHead(404).end()
})
server.on('upgrade', (request, socket, head) => {
  const place = placeOf(request)
  if (place) place.emit('upgrade', request, socket, head)
  else socket.destroy()
})
server.listen(Number(env.PORT ?? 0), env.PLAYHOUSE_HOST ?? '127.0.0.1', () => {
  const { address, port } = server.address()
  console.log(`listening on http://${address}:${port}`)
})
process.on('SIGTERM', () => process.exit(0))
