// What ActionHero's client makes of messages, by callback and by promise. Below it is a stand-in for the link.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { source } from './lib/source.mjs'
import { uncaught } from './lib/wait.mjs'

const { ActionheroWebsocketClient } = await source('actionhero/client.ts')
const { Emitter } = await source('emitter.ts')

const DETAILS = { id: 'me', fingerprint: 'print', rooms: ['a'] }

/** A link that does what a test says. */
class Primus extends Emitter {
  buffer = []
  written = []
  greetings = []
  link = { phase: 'open' }

  greet (frames) { this.greetings.push(frames) }
  open () { return this }
  end () { this.emit('end', { why: 'ended' }) }

  write (frame) {
    this.written.push(frame)
    this.emit('outgoing::sent', frame)
  }

  /** A link is up: what goes first goes, and is answered. */
  up (details = DETAILS) {
    for (const greeting of this.greetings) for (const frame of greeting()) this.write(frame)
    this.emit('open')
    this.answer('detailsView', { status: 'OK', data: details })
  }

  answer (event, reply) {
    const { messageId } = this.written.filter(frame => frame.event === event).pop()
    this.emit('data', { context: 'response', ...reply, messageId })
  }
}

function client (options) {
  const primus = new Primus()
  const client = new ActionheroWebsocketClient({ url: 'http://127.0.0.1:1', ...options }, primus)
  const seen = []
  for (const name of ['connected', 'disconnected', 'reconnecting', 'reconnect', 'timeout', 'error', 'message', 'say', 'alert', 'api', 'welcome']) {
    client.on(name, value => seen.push([name, value]))
  }
  return { client, primus, seen, names: () => seen.splice(0).map(([name]) => name) }
}

async function connected (options) {
  const all = client(options)
  const details = all.client.connect()
  all.primus.up()
  await details
  all.names()
  return all
}

describe('the connection', () => {
  test('it is connected when the details are here', async () => {
    const { client: c, primus, names } = client()
    const promise = c.connect()
    assert.equal(c.state, 'disconnected')
    primus.up()
    assert.equal((await promise).data.id, 'me')
    assert.deepEqual([c.state, c.id, c.fingerprint, c.rooms], ['connected', 'me', 'print', ['a']])
    assert.deepEqual(names(), ['message', 'connected'])
  })

  test('after a return, who it is comes before `reconnect`', async () => {
    const { client: c, primus, names } = await connected()
    primus.emit('close', { why: 'lost' })
    assert.equal(c.state, 'disconnected')
    primus.emit('reconnect scheduled', {})
    assert.equal(c.state, 'reconnecting')
    let then
    c.on('reconnect', () => { then = [c.id, c.rooms, c.state] })
    primus.up({ id: 'new', fingerprint: 'print', rooms: ['b'] })
    assert.deepEqual(then, ['new', ['b'], 'connected'])
    assert.deepEqual(names(), ['disconnected', 'reconnecting', 'message', 'reconnect'])
  })

  test('when the network is back, coming back is told too', async () => {
    const { client: c, primus, names } = await connected()
    primus.emit('close', { why: 'offline' })
    primus.emit('reconnect', {})
    assert.equal(c.state, 'reconnecting')
    assert.deepEqual(names(), ['disconnected', 'reconnecting'])
    primus.emit('close')
    primus.emit('reconnect scheduled', {})
    primus.emit('reconnect', {})
    assert.deepEqual(names(), ['disconnected', 'reconnecting'])
  })

  test('remembered rooms are joined with the first connection; later the link does it', async () => {
    const { client: c, primus } = client()
    c.rooms = ['x', 'y']
    c.connect()
    primus.up()
    assert.deepEqual(primus.written.map(({ event, room }) => [event, room]), [['roomAdd', 'x'], ['roomAdd', 'y'], ['detailsView', undefined]])
    primus.written.length = 0
    primus.emit('close')
    primus.up()
    assert.deepEqual(primus.written.map(({ event }) => event), ['detailsView'])
  })

  test('a connection that never comes is an error that says why', async () => {
    const { client: c, primus } = client()
    const promise = c.connect()
    primus.emit('error', new Error('nobody there'))
    primus.emit('end', { why: 'failed' })
    await assert.rejects(promise, { code: 'connection_closed', message: 'The connection could not be opened: nobody there' })
  })

  test('a server that does not say who we are is an error, for `connect` too', async () => {
    for (const reply of [{ error: 'Error: verb not allowed', code: 'verb' }, { status: 'OK' }]) {
      const { client: c, primus, names } = client()
      const refused = c.connect()
      for (const greeting of primus.greetings) for (const frame of greeting()) primus.write(frame)
      primus.answer('detailsView', reply)
      await assert.rejects(refused, /verb not allowed|The server refused it/)
      assert.ok(names().includes('error'))
    }
  })

  test('details without rooms are those of nobody in a room', async () => {
    const { client: c, primus } = client()
    const promise = c.connect()
    primus.up({ id: 'me', fingerprint: 'print' })
    await promise
    assert.deepEqual(c.rooms, [])
  })

  test('disconnect is told once', async () => {
    const { client: c, names } = await connected()
    await c.disconnect()
    assert.deepEqual([c.state, names()], ['disconnected', ['disconnected']])
    await c.disconnect()
    assert.deepEqual(names(), [], 'it was disconnected already')
  })

  test('on a link of somebody else it asks and joins by itself', async () => {
    const { client: c, primus } = client()
    primus.greet = undefined
    primus.writable = true
    c.connect()
    primus.up()
    primus.written.length = 0
    primus.emit('close')
    primus.emit('open')
    assert.deepEqual(primus.written.map(({ event, room }) => [event, room]), [['roomAdd', 'a'], ['detailsView', undefined]])
  })
})

describe('a page that throws', () => {
  test('keeps nobody from hearing that the connection is lost', async () => {
    const { client: c, primus } = await connected()
    const lost = []
    c.on('disconnected', () => { throw new Error('listener') })
    c.action('x', () => { throw new Error('callback') })
    c.action('y', ({ code }) => lost.push(code))
    assert.deepEqual(await uncaught(() => primus.emit('close', { why: 'lost' })), ['listener', 'callback'])
    assert.deepEqual(lost, ['connection_lost'])
  })

  test('in the callback of a reply, or of `connect`, hears of it and goes on', async () => {
    const { client: c, primus, names } = client()
    const errors = await uncaught(() => {
      c.connect(() => { throw new Error('connect') })
      primus.up()
      c.action('x', () => { throw new Error('reply') })
      primus.answer('action', {})
    })
    assert.deepEqual(errors, ['connect', 'reply'])
    assert.deepEqual(names(), ['message', 'connected', 'message'])
  })
})

describe('messages', () => {
  const cases = [
    [{ context: 'user', message: 'hi' }, ['message', 'say']],
    [{ context: 'alert', message: 'fire' }, ['message', 'alert']],
    [{ context: 'api', welcome: 'hello' }, ['message', 'welcome']],
    [{ context: 'api', news: 1 }, ['message', 'api']],
    [{ context: 'weather' }, ['message', 'api']],
    [{ noContext: true }, ['message', 'api']],
    [{ context: 'api', error: 'too much' }, ['message', 'error', 'api']],
    [{ context: 'response', messageId: 'of nobody' }, ['message']],
    ['a text', ['message']],
    [null, ['message']],
    [[], ['message', 'api']]
  ]
  for (const [message, expected] of cases) {
    test(`${JSON.stringify(message)} fires ${expected.join(', ')}`, async () => {
      const { primus, names } = await connected()
      primus.emit('data', message)
      assert.deepEqual(names(), expected)
    })
  }

  test('an error of the whole server is an Error with its stack', async () => {
    const { primus, seen } = await connected()
    const message = { context: 'api', error: 'Error: too much', code: 'crowded' }
    primus.emit('data', message)
    const [, error] = seen.find(([name]) => name === 'error')
    assert.ok(error instanceof Error && /too much/.test(error.stack))
    assert.deepEqual([error.message, error.code, error.response], ['too much', 'crowded', message])
  })

  test('the welcome is kept', async () => {
    const { client: c, primus } = await connected()
    primus.emit('data', { context: 'api', welcome: 'hello' })
    assert.equal(c.welcomeMessage, 'hello')
  })
})

describe('frames and replies', () => {
  test('frames are those of ActionHero\'s client, counted from one', async () => {
    const { client: c, primus } = await connected()
    primus.written.length = 0
    const params = { key: 1 }
    c.action('cacheTest', params)
    c.say('a', 'hi')
    c.file('x')
    c.roomView('a')
    c.documentation()
    assert.deepEqual(primus.written.map(frame => JSON.stringify(frame)), [
      '{"event":"action","params":{"key":1,"action":"cacheTest"},"messageId":2}',
      '{"event":"say","room":"a","message":"hi","messageId":3}',
      '{"event":"file","file":"x","messageId":4}',
      '{"event":"roomView","room":"a","messageId":5}',
      '{"event":"documentation","messageId":6}'
    ])
    assert.deepEqual(params, { key: 1 }, 'the caller\'s object stays as it was')
  })

  test('an id in the params is the frame\'s', async () => {
    const { client: c, primus } = await connected()
    const promise = c.action('x', { messageId: 'mine' })
    primus.emit('data', { context: 'response', messageId: 'mine', ok: true })
    assert.equal((await promise).ok, true)
  })

  test('a callback gets the whole reply, refused or not', async () => {
    const { client: c, primus } = await connected()
    const replies = []
    c.action('x', reply => replies.push(reply))
    primus.answer('action', { error: 'no', code: 'invalid' })
    c.roomView('b', reply => replies.push(reply))
    primus.answer('roomView', { status: 'Error: no', error: 'Error: no', data: {} })
    assert.deepEqual(replies.map(({ error }) => error), ['no', 'Error: no'])
    assert.deepEqual(Object.keys(c.callbacks), [])
  })

  test('a promise is rejected with an Error', async () => {
    const { client: c, primus } = await connected()
    const promise = c.action('x')
    primus.answer('action', { error: 'key is missing', code: 'missing_param', fields: ['key'] })
    await assert.rejects(promise, error => {
      assert.ok(error instanceof Error)
      assert.deepEqual([error.message, error.code, error.fields, error.response.error], ['key is missing', 'missing_param', ['key'], 'key is missing'])
      return true
    })
  })

  test('a frame that is sent twice is two, and stays as it was', async () => {
    const { client: c, primus } = await connected()
    const frame = { event: 'status' }
    const both = [c.send(frame), c.send(frame)]
    assert.deepEqual(frame, { event: 'status' })
    for (const { messageId } of primus.written.slice(-2)) primus.emit('data', { context: 'response', messageId })
    assert.deepEqual((await Promise.all(both)).map(({ messageId }) => messageId), [2, 3])
    c.send({ messageId: 'first', event: 'say', room: 'a' })
    assert.equal(JSON.stringify(primus.written.at(-1)), '{"event":"say","room":"a","messageId":"first"}')
  })

  test('an id of the page\'s own is not counted upon', async () => {
    const { client: c, primus } = await connected()
    const [own, counted] = [c.action('x', { messageId: 3 }), c.action('y')]
    c.action('z')
    assert.deepEqual(primus.written.slice(-3).map(({ messageId }) => messageId), [3, 4, 5])
    primus.emit('data', { context: 'response', messageId: 4, y: 1 })
    primus.emit('data', { context: 'response', messageId: 3, x: 1 })
    assert.deepEqual([(await own).x, (await counted).y], [1, 1])
  })

  test('ids may be objects; who is displaced by another hears of it', async () => {
    const { client: c, primus } = await connected()
    const [a, b] = [c.action('x', { messageId: { n: 1 } }), c.action('x', { messageId: { n: 2 } })]
    primus.emit('data', { context: 'response', messageId: { n: 1 }, n: 1 })
    assert.equal((await a).n, 1)
    const again = c.action('x', { messageId: { n: 2 } })
    await assert.rejects(b, { code: 'id_reused' })
    primus.emit('data', { context: 'response', messageId: { n: 2 }, n: 2 })
    assert.equal((await again).n, 2)
  })

  test('ids that objects have names for are ids like others', async () => {
    const { client: c, primus } = await connected()
    const errors = await uncaught(async () => {
      for (const messageId of ['hasOwnProperty', '__proto__', 'toString']) {
        primus.emit('data', { context: 'response', messageId })
        const promise = c.action('x', { messageId })
        primus.emit('data', { context: 'response', messageId, x: 1 })
        assert.equal((await promise).x, 1)
      }
    })
    assert.deepEqual(errors, [])
  })

  test('a file always has `error` and `messageCount`', async () => {
    const { client: c, primus } = await connected()
    const file = c.file('x')
    primus.answer('file', { content: 'text', length: 4, mime: 'text/plain' })
    assert.deepEqual([(await file).error, (await file).messageCount], [null, 2])
    const missing = c.file('y')
    primus.answer('file', { error: 'that file is not found', content: null })
    await assert.rejects(missing, error => error.response.messageCount === 3)
  })

  test('the rooms are right when joining and leaving are answered', async () => {
    const { client: c, primus } = await connected()
    const joined = c.roomAdd('b')
    primus.answer('roomAdd', { status: 'OK', data: true })
    primus.answer('detailsView', { status: 'OK', data: { ...DETAILS, rooms: ['a', 'b'] } })
    assert.equal((await joined).data, true)
    assert.deepEqual(c.rooms, ['a', 'b'])
    const left = c.roomLeave('a')
    primus.answer('roomLeave', { status: 'OK', data: true })
    primus.answer('detailsView', { status: 'OK', data: { ...DETAILS, rooms: ['b'] } })
    await left
    assert.deepEqual(c.rooms, ['b'])
  })
})

describe('replies that can\'t come any more', () => {
  test('what was sent on a lost connection is told as lost, by both ways', async () => {
    const { client: c, primus } = await connected()
    const promise = c.say('a', 'hi')
    let got
    c.say('a', 'hi', reply => { got = reply })
    primus.emit('close', { why: 'lost' })
    await assert.rejects(promise, { code: 'connection_lost' })
    assert.ok(got instanceof Error)
    assert.deepEqual([got.code, got.context, typeof got.error], ['connection_lost', 'response', 'string'])
  })

  test('joining and leaving are not lost: the link asks again', async () => {
    const { client: c, primus } = await connected()
    const joined = c.roomAdd('b')
    primus.emit('close', { why: 'lost' })
    primus.answer('roomAdd', { status: 'OK', data: true })
    primus.answer('detailsView', { status: 'OK', data: { ...DETAILS, rooms: ['a', 'b'] } })
    assert.equal((await joined).status, 'OK')
  })

  test('on a link of somebody else they are', async () => {
    const { client: c, primus } = client()
    primus.greet = undefined
    primus.writable = true
    c.connect()
    primus.up()
    primus.answer('detailsView', { status: 'OK', data: DETAILS })
    const joined = c.roomAdd('b')
    primus.emit('close')
    await assert.rejects(joined, { code: 'connection_lost' })
  })

  test('what still waits is not', async () => {
    const { client: c, primus } = await connected()
    primus.emit('close', { why: 'lost' })
    primus.write = frame => { primus.written.push(frame) }
    const promise = c.say('a', 'later')
    primus.emit('close', { why: 'lost' })
    primus.answer('say', { status: 'OK' })
    assert.equal((await promise).status, 'OK')
  })

  test('what had to leave the queue is told to who asked, and else as an error', async () => {
    const { client: c, primus, names } = await connected()
    const promise = c.say('a', 'x')
    const error = Object.assign(new Error('full'), { code: 'queue_full' })
    const drop = frame => { primus.emit('outgoing::dropped', frame, error); primus.emit('error', error) }
    drop(primus.written.at(-1))
    await assert.rejects(promise, { code: 'queue_full' })
    assert.deepEqual(names(), [])
    drop({ nobody: 'asked' })
    assert.deepEqual(names(), ['error'])
  })

  test('what could not be encoded is told to who asked, and to nobody else', async () => {
    const { client: c, primus, names } = await connected()
    const promise = c.action('x', { n: 10n })
    const error = Object.assign(new Error('no'), { code: 'not_encodable' })
    primus.emit('outgoing::dropped', primus.written.at(-1), error)
    primus.emit('error', error)
    await assert.rejects(promise, { code: 'not_encodable', message: 'no' })
    assert.deepEqual(names(), [])
  })

  test('after the end nothing waits, and nothing is taken', async () => {
    const { client: c, primus } = await connected()
    const promise = c.detailsView()
    primus.buffer.push('waits')
    c.disconnect()
    await assert.rejects(promise, { code: 'connection_closed' })
    assert.deepEqual(primus.buffer, [])
    await assert.rejects(c.say('a', 'x'), { code: 'not_connected' })
  })

  test('nobody has to look at a rejection', async () => {
    const unhandled = []
    const note = error => unhandled.push(error)
    process.on('unhandledRejection', note)
    const { client: c } = client()
    c.say('a', 'x')
    c.roomAdd('a')
    c.action('x')
    await assert.rejects(c.detailsView())
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', note)
    assert.deepEqual(unhandled, [])
  })
})

test('who is not connected has no transport', () => {
  assert.equal(client().client.transport, undefined)
})
