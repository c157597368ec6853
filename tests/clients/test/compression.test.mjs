// permessage-deflate, off by default: only for clients that offer it, in the same room as those who do not.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import WebSocket from 'ws'
import { startDemo } from '../lib/demo.mjs'

const LONG = 'what is said again and again packs well; '.repeat(200)

const used = []
after(() => Promise.all(used.map(end => end())))

/** A server of this file's own. */
async function serve (env) {
  const server = await startDemo(env)
  used.push(() => server.kill())
  return server
}

/** A client of npm's `ws`, with its messages in order. */
async function join (server, perMessageDeflate) {
  const socket = new WebSocket(`ws://${server.host}/primus`, { perMessageDeflate })
  used.push(() => socket.terminate())
  const waiting = []
  const messages = []
  socket.on('message', data => {
    const message = JSON.parse(data)
    waiting.length ? waiting.shift()(message) : messages.push(message)
  })
  const next = () => messages.length ? messages.shift() : new Promise(resolve => waiting.push(resolve))
  await once(socket, 'open')
  assert.equal((await next()).context, 'api')
  socket.send(JSON.stringify({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 }))
  assert.equal((await next()).status, 'OK')
  return { socket, next }
}

test('off by default, whatever is offered', async () => {
  const server = await serve()
  const { socket } = await join(server, true)
  assert.equal(socket.extensions, '')
})

test('one room for those who compress and those who do not', async () => {
  const server = await serve({ PLAYHOUSE_WEBSOCKET__SERVER__COMPRESSION: 'true' })
  const packed = await join(server, true)
  const plain = await join(server, false)
  assert.match(packed.socket.extensions, /permessage-deflate/)
  assert.equal(plain.socket.extensions, '')
  for (const speaker of [packed, plain]) {
    speaker.socket.send(JSON.stringify({ event: 'say', room: 'defaultRoom', message: LONG, messageId: 2 }))
    const heard = []
    for (const listener of [packed, plain]) {
      let message = await listener.next()
      while (message.context !== 'user') message = await listener.next()
      heard.push(message.message)
    }
    assert.deepEqual(heard, [LONG, LONG])
  }
})

test('what unpacks to more than a message may be is refused', async () => {
  const server = await serve({ PLAYHOUSE_WEBSOCKET__SERVER__COMPRESSION: 'true' })
  const { socket } = await join(server, { threshold: 0 })
  socket.send(' '.repeat(20 * 1024 * 1024))
  const [code] = await once(socket, 'close')
  assert.equal(code, 1009)
})
