// Engine.io as Primus uses it: the layer of Primus in every transport of its mount, and which requests there are engine.io.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, Raw, encode } from '../lib/raw.mjs'
import { Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import {
  ENGINE, PRIMUS, Session, askOn, connected, exchange, frameIn, frameOn, handshake, message, socket, target
} from '../lib/transports/engine.mjs'

const INTERVAL = 500
const demo = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: String(INTERVAL) })
/** The query of the clients of Primus 8 and 7. */
const asked = { token: 'x', _primuscb: 'Q7z', b64: 1 }
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })
const isPing = frame => typeof frame === 'string' && /^primus::ping::\d{13}$/.test(frame)

/** Reading frames beside packets. */
const seat = open => ({ ...open, read: async () => frameIn(await open.packet()) })

/** The next frame that is no heartbeat. */
async function next (read) {
  for (;;) {
    const frame = await read()
    if (!isPing(frame)) return frame
  }
}

for (const eio of [4, 3]) {
  const options = { path: PRIMUS, eio, params: asked }

  /** A session on each transport: how it writes frames and reads packets. */
  const transports = {
    polling: async () => {
      const session = await connected(demo, options)
      const post = body => session.post(body).answer
      return seat({ sid: session.sid, write: frame => session.send(frame), packet: () => session.packet(), post })
    },
    websocket: async () => {
      const raw = await socket(demo, options)
      return seat({ sid: raw.data.sid, write: async frame => raw.send(message(frame)), packet: () => raw.next(), raw })
    },
    upgraded: async () => {
      const session = await connected(demo, options)
      const raw = await session.upgraded()
      return seat({ sid: session.sid, write: async frame => raw.send(message(frame)), packet: () => raw.next(), raw })
    }
  }

  for (const [transport, open] of Object.entries(transports)) {
    describe(`protocol ${eio}, ${transport}`, () => {
      test('the spark id is the session id, which its owner has already; the connection id is another', async () => {
        const { sid, write, read } = await open()
        await write('primus::id::')
        assert.equal(await next(read), `primus::id::${sid}`)
        await write(view(1))
        assert.ok(!JSON.stringify(await next(read)).includes(sid))
      })

      test('the server pings, and who answers stays', { timeout: 20_000 }, async () => {
        const { write, read } = await open()
        for (let n = 0; n < 4; n++) {
          const ping = await read()
          assert.ok(isPing(ping), JSON.stringify(ping))
          await write(ping.replace('ping', 'pong'))
        }
        await write(view(1))
        assert.equal((await next(read)).messageId, 1)
      })

      test('who is asked to go is told not to come back', async () => {
        const { write, read } = await open()
        await write({ event: 'quit' })
        assert.equal(await next(read), 'primus::server::close')
        await assert.rejects(read())
      })

      test('unknown strings of the layer are for the application', async () => {
        const { write, read } = await open()
        await write('primus::nonsense::1')
        assert.match((await next(read)).error, /verb not found/)
      })

      test('what is no JSON is dropped, what is binary ignored, and the connection stays', async () => {
        const { write, read, raw, post } = await open()
        if (raw) {
          raw.send('4{')
          raw.write(encode(BINARY, Buffer.of(4, 1, 2)))
        } else {
          assert.equal((await post(['4{', '4'])).body, 'ok')
        }
        await write(view(1))
        assert.equal((await next(read)).messageId, 1)
      })

      test('line ends of JavaScript are escaped', async () => {
        const { write, packet } = await open()
        await write({ event: 'nope', text: '\u2028\u2029', messageId: 1 })
        let text
        do text = await packet(); while (text.includes('primus::ping'))
        assert.ok(text.includes('\\u2028\\u2029'), text)
      })
    })
  }

  test(`protocol ${eio}: messages and the end in one POST, as primus.end() sends them`, async () => {
    const session = await member(demo, options)
    const text = `before primus.end() ${eio}`
    assert.equal((await session.post([message(saying(text)), '1']).answer).body, 'ok')
    await watcher.hears(text)
    await watcher.misses(session.id)
    await session.forgotten()
  })
}

test('who is silent on the layer is closed, without the sign not to come back', { timeout: 20_000 }, async () => {
  const raw = await socket(demo, { path: PRIMUS, params: asked })
  await raw.closed(6 * INTERVAL)
  assert.ok(raw.texts.length >= 1)
  for (const text of raw.texts) assert.ok(isPing(frameIn(text)), text)
})

test('the plain mount has nothing of that layer', async () => {
  const raw = await socket(demo, { path: ENGINE })
  raw.send(message('primus::id::'))
  assert.match((await frameOn(raw)).error, /verb not found/)
  raw.send(message({ event: 'quit' }))
  await raw.closed()
  assert.deepEqual(raw.texts, [])
  const session = await connected(demo, { path: ENGINE })
  await session.send({ event: 'quit' })
  assert.deepEqual(await session.poll(), ['1'])
})

test('what was written before the open is handled when it comes together with the request', async () => {
  const raw = await Raw.open(demo, {
    path: handshake({ transport: 'websocket', ...asked }, PRIMUS),
    first: Buffer.concat([1, 2, 3].map(n => encode(1, message(view(n)))))
  })
  assert.match(await raw.next(), /^0\{/)
  assert.ok((await frameOn(raw)).welcome)
  for (const n of [1, 2, 3]) assert.equal((await frameOn(raw)).messageId, n)
  raw.destroy()
})

describe('which requests below /primus are engine.io', () => {
  test('an upgrade with both names; with one it is the plain websocket', async () => {
    const engine = await Raw.open(demo, { path: target('/primus', { EIO: 4, transport: 'websocket' }) })
    assert.match(await engine.next(), /^0\{"sid"/)
    engine.destroy()
    for (const params of [{ EIO: 4 }, { transport: 'websocket' }, { _primuscb: 'Q7z' }]) {
      const plain = await Raw.open(demo, { path: target(PRIMUS, params) })
      assert.ok((await plain.value()).welcome, JSON.stringify(params))
      plain.destroy()
    }
  })

  test('not below the base path: another tail is no engine.io, with or without its names', async () => {
    const { status } = await exchange(demo, 'GET', handshake({}, '/primus/x/')).answer
    assert.equal(status, 404)
    const plain = await Raw.open(demo, { path: handshake({ transport: 'websocket' }, '/primus/x') })
    assert.ok((await plain.value()).welcome)
    plain.destroy()
  })

  test('POST and OPTIONS as well', async () => {
    const { status, json } = await exchange(demo, 'POST', handshake({}, PRIMUS), { body: '4{}' }).answer
    assert.deepEqual([status, json?.code], [400, 2])
    const preflight = await exchange(demo, 'OPTIONS', handshake({}, PRIMUS), { headers: { Origin: 'http://other.example' } }).answer
    assert.equal(preflight.status, 204)
  })

  test('a message of 5 MiB on each transport', { timeout: 30_000 }, async () => {
    const frame = { event: 'detailsView', messageId: 1, pad: 'x'.repeat(5_242_880) }
    const session = await Session.open(demo, { path: PRIMUS, params: asked })
    assert.equal((await session.post([message(frame)]).answer).body, 'ok')
    const raw = await socket(demo, { path: PRIMUS, params: asked })
    assert.equal((await askOn(raw, frame)).messageId, 1)
    raw.destroy()
  })
})
