// socket.io's own clients on an echo: namespaces, acknowledgements, and bytes both ways.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { Manager, io } from 'socket.io-client'
import { handshake } from '../lib/transports/engine.mjs'
import { bareSocket, bytes, later, plain, useFixture } from '../lib/transports/fixture.mjs'
import { Queue } from '../lib/transports/queue.mjs'
import { event, until, within } from '../lib/wait.mjs'

const server = useFixture()
const { io: io3 } = createRequire(import.meta.url)('socket.io-client3')
const PATH = '/socket.io/'

const WAYS = [['4', io], ['3', io3]].flatMap(([version, open]) => [
  ['websocket', ['websocket'], 'websocket'],
  ['polling', ['polling'], 'polling'],
  ['upgrading', ['polling', 'websocket'], 'websocket']
].flatMap(([how, transports, ends]) => [false, true].map(forceBase64 => ({
  name: `socket.io-client ${version}, ${how}${forceBase64 ? ', base64' : ''}`, open, options: { transports, forceBase64 }, ends
}))))

/** Bytes at any depth as one kind of them. */
function same (value) {
  const flat = plain(value)
  if (Buffer.isBuffer(flat) || flat === null || typeof flat !== 'object') return flat
  return Array.isArray(flat) ? flat.map(same) : Object.fromEntries(Object.entries(flat).map(([key, of]) => [key, same(of)]))
}

/** Keeps what a socket hears, each event as its name and arguments. */
function listening (socket) {
  socket.heard = new Queue('events')
  socket.onAny((name, ...args) => socket.heard.push([name, ...same(args)]))
  socket.refused = new Queue('refusals')
  socket.on('connect_error', error => socket.refused.push(error.message))
  later(() => socket.disconnect())
  return socket
}

/** A client that has heard its greeting. */
async function connected (way, namespace = '/', auth = {}) {
  const socket = listening(way.open(server.url + namespace, { forceNew: true, reconnection: false, ...way.options, auth }))
  assert.deepEqual(await socket.heard.next(), ['auth', auth])
  const engine = socket.io.engine
  await until(`it is on ${way.ends}`, () => engine.transport.name === way.ends)
  return socket
}

/** As `emitWithAck`, which version 3 does not have. */
function asked (socket, ...args) {
  const answer = new Promise(resolve => socket.emit('message-with-ack', ...args, (...reply) => resolve(same(reply))))
  return within(10_000, 'an acknowledgement', answer)
}

const ARGS = [
  ['nothing', []],
  ['JSON of every kind', [1, -0.5, 'two', '', null, true, { 3: [true, { deep: [] }] }, 'é€😀\u2028"\\']],
  ['what looks like bytes', [{ _placeholder: 'no', num: 0 }, '{"_placeholder":true,"num":0}']],
  ['bytes', [bytes(4)]],
  ['no bytes at all', [Buffer.alloc(0)]],
  ['bytes within', [{ a: [bytes(3), { b: bytes(70_000) }], c: 'text' }, bytes(1), 5]],
  ['ten of them', Array.from({ length: 10 }, (_, n) => bytes(n + 1))]
]

for (const way of WAYS) {
  describe(way.name, () => {
    test('what it shows to be let in comes back', async () => {
      const auth = { token: 'é€😀', list: [1, { two: 3 }] }
      const socket = await connected(way, '/', auth)
      assert.equal(socket.heard.length, 0)
      assert.ok(!socket.recovered)
    })

    for (const [what, args] of ARGS) {
      test(`an event and an acknowledgement with ${what}`, async () => {
        const socket = await connected(way)
        socket.emit('message', ...args)
        assert.deepEqual(await socket.heard.next(), ['message-back', ...same(args)])
        assert.deepEqual(await asked(socket, ...args), same(args))
        assert.equal(socket.heard.length, 0)
      })
    }

    test('a burst keeps its order', async () => {
      const socket = await connected(way)
      const sent = Array.from({ length: 100 }, (_, n) => n % 2 ? [n, bytes(n)] : [n, 'text'])
      for (const args of sent) socket.emit('message', ...args)
      const heard = await socket.heard.take(sent.length)
      assert.deepEqual(heard, sent.map(args => ['message-back', ...args]))
    })

    test('another namespace over the same session', async () => {
      const manager = new Manager(server.url, { reconnection: false, ...way.options })
      later(() => manager._close())
      const [main, custom] = ['/', '/custom'].map(name => listening(manager.socket(name, { auth: { of: name } })))
      assert.deepEqual([await main.heard.next(), await custom.heard.next()], [['auth', { of: '/' }], ['auth', { of: '/custom' }]])
      assert.notEqual(main.id, custom.id)
      main.emit('message', 'to main', bytes(2))
      custom.emit('message', 'to custom', bytes(3))
      assert.deepEqual(await custom.heard.next(), ['message-back', 'to custom', bytes(3)])
      assert.deepEqual(await main.heard.next(), ['message-back', 'to main', bytes(2)])
      custom.disconnect()
      assert.deepEqual(await asked(main, 'still', bytes(1)), ['still', bytes(1)])
      custom.connect()
      assert.deepEqual(await custom.heard.next(), ['auth', { of: '/custom' }])
    })

    test('a namespace that there is not', async () => {
      const manager = new Manager(server.url, { reconnection: false, ...way.options })
      later(() => manager._close())
      const [main, random] = ['/', '/random'].map(name => listening(manager.socket(name)))
      assert.equal(await random.refused.next(), 'Invalid namespace')
      assert.deepEqual(await main.heard.next(), ['auth', {}])
      assert.deepEqual(await asked(main, 1), [1])
    })
  })
}

describe('by hand', () => {
  const opened = async (params = {}) => {
    const socket = await bareSocket(server, handshake({ transport: 'websocket', ...params }, PATH))
    assert.match(await socket.heard.next(), /^0\{/)
    return socket
  }
  const inside = async params => {
    const socket = await opened(params)
    socket.send('40')
    const [connect, auth] = await socket.heard.take(2)
    assert.match(connect, /^40\{"sid":"[^"]+"\}$/)
    assert.equal(auth, '42["auth",{}]')
    return socket
  }
  const EVENT = '452-["message",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]'
  const BACK = '452-["message-back",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]'

  test('attachments follow their event', async () => {
    const socket = await inside()
    for (const part of [EVENT, Buffer.of(1, 2, 3), Buffer.of(4)]) socket.send(part)
    assert.deepEqual(await socket.heard.take(3), [BACK, Buffer.of(1, 2, 3), Buffer.of(4)])
  })

  test('as base64 for who cannot take bytes', async () => {
    const socket = await inside({ b64: 1 })
    for (const part of [EVENT, 'bAQID', Buffer.of(4)]) socket.send(part)
    assert.deepEqual(await socket.heard.take(3), [BACK, 'bAQID', 'bBA=='])
  })

  test('an acknowledgement with its own number, in its namespace', async () => {
    const socket = await opened()
    socket.send('40/custom,{"a":1}')
    const [, auth] = await socket.heard.take(2)
    assert.equal(auth, '42/custom,["auth",{"a":1}]')
    socket.send('42/custom,007["message-with-ack",1]')
    assert.equal(await socket.heard.next(), '43/custom,007[1]')
    socket.send('451-/custom,8["message-with-ack",{"_placeholder":true,"num":0}]')
    socket.send(Buffer.of(9))
    assert.deepEqual(await socket.heard.take(2), ['461-/custom,8[{"_placeholder":true,"num":0}]', Buffer.of(9)])
    socket.send('42/custom,9["message-with-ack"]')
    assert.equal(await socket.heard.next(), '43/custom,9[]')
  })

  for (const [what, parts] of [
    ['an unknown type', ['4abc']],
    ['an event that is no list', ['42{}']],
    ['an id that is no number', ['42abc["message-with-ack",1]']],
    ['bytes that nobody announced', [Buffer.of(1)]],
    ['a text before the bytes', ['451-["message",{"_placeholder":true,"num":0}]', '42["message"]']],
    ['a placeholder without its bytes', ['451-["message",{"_placeholder":true,"num":1}]', Buffer.of(1)]],
    ['eleven attachments', ['4511-["message"]']],
    ['a second connect', ['40']],
    ['a namespace without a connect', ['42/custom,["message"]']]
  ]) {
    test(`${what}: the end of the session`, async () => {
      const socket = await inside()
      for (const part of parts) socket.send(part)
      await within(5_000, 'the session ends', socket.ended)
      assert.equal(socket.heard.length, 0)
    })
  }

  test('protocol 3 of engine.io is refused', async () => {
    const answer = await fetch(`${server.url}${handshake({ EIO: 3 }, PATH)}`)
    assert.deepEqual([answer.status, await answer.json()], [400, { code: 5, message: 'Unsupported protocol version' }])
  })

  test('who has left may come again', async () => {
    const socket = await inside()
    socket.send('41')
    socket.send('40{"again":1}')
    const [, auth] = await socket.heard.take(2)
    assert.equal(auth, '42["auth",{"again":1}]')
  })
})
