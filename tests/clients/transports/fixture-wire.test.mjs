// Bytes by hand: how they look on each way of both protocols, and that the heartbeat is what the server was told.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Session, exchange, handshake } from '../lib/transports/engine.mjs'
import { bareSocket, useFixture } from '../lib/transports/fixture.mjs'
import { within } from '../lib/wait.mjs'

const BEAT = { interval: 300, timeout: 200 }
const server = useFixture(BEAT)
const BYTES = { headers: { 'Content-Type': 'application/octet-stream' } }

/** The answer to a poll as it is. */
async function polled (session) {
  const { status, headers, bytes } = await session.get().answer
  assert.equal(status, 200)
  return { type: headers['content-type'], bytes }
}

const text = type => assert.match(type, /^text\/plain; charset=UTF-8$/i)

async function opened (eio, params = {}) {
  const socket = await bareSocket(server, handshake({ EIO: eio, transport: 'websocket', ...params }))
  assert.match(await socket.heard.next(), /^0\{/)
  return socket
}

describe('on a websocket', () => {
  for (const [eio, params, said, heard] of [
    [4, {}, Buffer.of(1, 2, 3, 4), Buffer.of(1, 2, 3, 4)],
    [4, {}, Buffer.alloc(0), Buffer.alloc(0)],
    [4, {}, Buffer.of(4), Buffer.of(4)],
    [4, {}, 'bAQIDBA==', Buffer.of(1, 2, 3, 4)],
    [4, { b64: 1 }, Buffer.of(1, 2, 3, 4), 'bAQIDBA=='],
    [4, { b64: 1 }, 'bAQIDBA==', 'bAQIDBA=='],
    [4, { b64: '' }, 'bAQI=', 'bAQI='],
    [4, {}, '4', '4'],
    [4, {}, '4b', '4b'],
    [3, {}, Buffer.of(4, 1, 2, 3), Buffer.of(4, 1, 2, 3)],
    [3, {}, Buffer.of(4), Buffer.of(4)],
    [3, {}, 'b4AQID', Buffer.of(4, 1, 2, 3)],
    [3, { b64: 1 }, Buffer.of(4, 1, 2, 3), 'b4AQID'],
    [3, { b64: 1 }, 'b4AQID', 'b4AQID']
  ]) {
    const shown = data => typeof data === 'string' ? `'${data}'` : `<${data.toString('hex')}>`
    test(`protocol ${eio} ${JSON.stringify(params)}: ${shown(said)} comes as ${shown(heard)}`, async () => {
      const socket = await opened(eio, params)
      socket.send(said)
      assert.deepEqual(await socket.heard.next(), heard)
    })
  }

  for (const [eio, said] of [[4, 'abc'], [4, ''], [4, 'bAQI'], [3, Buffer.of(9, 1)], [3, Buffer.alloc(0)], [3, 'bAQID']]) {
    test(`protocol ${eio}: ${JSON.stringify(said)} ends the session`, async () => {
      const socket = await opened(eio)
      socket.send(said)
      await within(5_000, 'the websocket ends', socket.ended)
      assert.equal(socket.heard.length, 0)
    })
  }
})

describe('on requests', () => {
  test('protocol 4: bytes are base64, between texts', async () => {
    for (const params of [{}, { b64: 1 }]) {
      const session = await Session.open(server, { params })
      assert.deepEqual(session.queue, [], 'the handshake is all that comes by itself')
      const body = '4hello\u001ebAQIDBA==\u001e4\u001eb\u001e4b'
      assert.equal((await session.post(body).answer).body, 'ok')
      const { type, bytes } = await polled(session)
      text(type)
      assert.equal(bytes.toString(), body)
    }
  })

  test('protocol 3 with b64: bytes are base64', async () => {
    const session = await Session.open(server, { eio: 3, params: { b64: 1 } })
    const body = '6:4hello10:b4AQIDBA==3:4😀'
    assert.equal((await session.post(body).answer).body, 'ok')
    const { type, bytes } = await polled(session)
    text(type)
    assert.equal(bytes.toString(), body)
  })

  test('protocol 3 without b64: one binary packet makes all of the payload bytes', async () => {
    const session = await Session.open(server, { eio: 3 })
    // A text of 5 bytes, its digit included, then a binary message of 4.
    const body = Buffer.concat([
      Buffer.of(0, 5, 255), Buffer.from('4😀'), Buffer.of(1, 4, 255, 4, 1, 2, 3), Buffer.of(0, 1, 2, 255), Buffer.from('4hello world')
    ])
    assert.equal((await session.post(body, BYTES).answer).body, 'ok')
    const { type, bytes } = await polled(session)
    assert.equal(type, 'application/octet-stream')
    assert.deepEqual(bytes, body)
  })

  test('protocol 3 without b64: texts alone stay text', async () => {
    const session = await Session.open(server, { eio: 3 })
    assert.equal((await session.post('6:4hello').answer).body, 'ok')
    const { type, bytes } = await polled(session)
    text(type)
    assert.equal(bytes.toString(), '6:4hello')
  })

  test('bytes that wait go over with the session', async () => {
    const session = await Session.open(server)
    const raw = await session.probed()
    assert.deepEqual(await session.packet(), '6')
    assert.equal((await session.post('4one\u001ebAQI=\u001e4two').answer).body, 'ok')
    raw.send('5')
    assert.deepEqual([await raw.next(), await raw.next()], ['4one', '4two'])
    // Text frames alone are kept there: the bytes between were a frame of the other kind.
    assert.equal(raw.received, 4)
    raw.destroy()
  })
})

test('a websocket too many is accepted and closed, and the session goes on', async () => {
  const session = await Session.open(server)
  const first = await session.probed()
  for (const when of ['while it changes', 'when it has changed']) {
    const other = await session.candidate({ first: ['2probe', '5', '4lost'] })
    assert.equal(await other.closed(), 1000, when)
    assert.deepEqual(other.texts, [], when)
    first.send('5')
    first.send(`4${when}`)
    assert.equal(await first.next(), `4${when}`)
  }
  first.destroy()
})

describe('the heartbeat', () => {
  test('is told, and kept', async () => {
    const { data } = await Session.open(server)
    assert.deepEqual([data.pingInterval, data.pingTimeout, data.maxPayload], [BEAT.interval, BEAT.timeout, 1_000_000])
    const socket = await opened(4)
    for (let n = 0; n < 3; n++) {
      assert.equal(await socket.heard.next(), '2')
      socket.send('3')
    }
    const before = Date.now()
    await within(5_000, 'who does not answer is closed', socket.ended)
    assert.ok(Date.now() - before >= BEAT.interval)
  })

  test('of protocol 3 is the client\'s', async () => {
    const socket = await opened(3)
    socket.send('2and some')
    assert.equal(await socket.heard.next(), '3and some')
    await within(5_000, 'who is silent is closed', socket.ended)
    assert.equal(socket.heard.length, 0)
  })
})

test('nothing else is served', async () => {
  for (const path of ['/', '/primus', '/sockjs', '/api/status', '/engine.iox/?EIO=4&transport=polling']) {
    assert.equal((await exchange(server, 'GET', path).answer).status, 404, path)
  }
})
