// How an engine.io session ends: by its client, by the application, by what is too much or makes no sense, and with the
// server. Rooms are left at that moment and not by a timer.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startDemo, useDemo } from '../lib/demo.mjs'
import { BINARY, CLOSE, encode } from '../lib/raw.mjs'
import { ROOM, Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import { PRIMUS, arrived, askOn, connected, frameIn, frameOn, message, packets, socket } from '../lib/transports/engine.mjs'
import { within } from '../lib/wait.mjs'

const CLOSE_TIMEOUT = 700
const LIMIT = 20_000
const demo = useDemo({
  PLAYHOUSE_ENGINEIO__CLOSE_TIMEOUT: String(CLOSE_TIMEOUT), PLAYHOUSE_ENGINEIO__MAX_PAYLOAD: String(LIMIT)
})
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })
const quit = { event: 'quit' }

async function memberOn (options) {
  const raw = await socket(demo, options)
  assert.equal((await askOn(raw, { event: 'roomAdd', room: ROOM, messageId: 1 })).status, 'OK')
  raw.id = (await askOn(raw, view(2))).data.id
  return raw
}

/** A session on a websocket, from the start or by an upgrade. */
const ways = [
  ['a websocket from the start', memberOn],
  ['an upgraded session', async options => {
    const session = await member(demo, options)
    const raw = await session.upgraded()
    await askOn(raw, view(1))
    return Object.assign(raw, { id: session.id, session })
  }]
]

for (const [what, open] of ways) {
  describe(what, () => {
    test('is closed at once by a close packet', async () => {
      for (const eio of [4, 3]) {
        const raw = await open({ eio })
        raw.send(message(saying(`${what} says goodbye ${eio}`)))
        raw.send('1')
        await raw.closed(2_000)
        await watcher.misses(raw.id)
        await watcher.hears(`${what} says goodbye ${eio}`)
      }
    })

    test('leaves its rooms when its client closes, resets, or is gone', async () => {
      for (const leave of [
        raw => raw.write(encode(CLOSE, Buffer.from([0x03, 0xe8]))),
        raw => raw.write(encode(CLOSE)),
        raw => raw.socket.resetAndDestroy(),
        raw => raw.socket.end()
      ]) {
        const raw = await open()
        leave(raw)
        await watcher.misses(raw.id)
        if (raw.session) await raw.session.forgotten()
        raw.destroy()
      }
    })

    test('is ended by the application: everything queued, then 1000, no close packet', async () => {
      const raw = await open()
      for (let n = 1; n <= 20; n++) raw.send(message(view(n)))
      raw.send(message(quit))
      raw.send(message(saying(`${what} after the end`)))
      for (let n = 1; n <= 20; n++) assert.equal((await frameOn(raw)).messageId, n)
      assert.equal(await raw.closed(), 1000)
      assert.deepEqual(raw.texts, [])
      await watcher.misses(raw.id)
      assert.ok(!watcher.heard().includes(`${what} after the end`))
    })

    test('is closed by what is no packet', async () => {
      for (const bad of ['', '7', 'x', 'hello', 'b=A!']) {
        const raw = await open()
        raw.send(bad)
        await raw.closed()
        await watcher.misses(raw.id)
        assert.deepEqual(raw.texts, [], bad)
      }
    })

    test('is closed with 1009 by a message above the limit, and not by one at the limit', async () => {
      const raw = await open()
      const frame = message({ event: 'detailsView', messageId: 'large', pad: '' })
      raw.send(frame.replace('"pad":""', `"pad":"${'x'.repeat(LIMIT - frame.length)}"`))
      assert.equal((await frameOn(raw)).messageId, 'large')
      raw.send('4'.padEnd(LIMIT + 1, ' '))
      assert.equal(await raw.closed(), 1009)
      await watcher.misses(raw.id)
    })

    test('takes binary messages, which JSON frames ignore', async () => {
      const raw = await open()
      for (const bytes of [Buffer.of(4, 1, 2), Buffer.alloc(1_000, 255), Buffer.from('{"event":"detailsView"}')]) {
        raw.write(encode(BINARY, bytes))
      }
      raw.send('bAQIDBA==')
      assert.equal((await askOn(raw, view('after bytes'))).messageId, 'after bytes')
      raw.destroy()
    })
  })
}

describe('a session on polling', () => {
  test('is ended by the application: the queue, then a close packet at its end', async () => {
    const session = await member(demo)
    await session.send(view('one'), view('two'), quit, saying('after the end'))
    const got = []
    while (got.at(-1) !== '1') got.push(...await session.poll())
    assert.deepEqual(got.slice(0, -1).map(packet => frameIn(packet).messageId), ['one', 'two'])
    await session.forgotten()
    await watcher.misses(session.id)
    assert.ok(!watcher.heard().includes('after the end'))
  })

  test('is ended while a GET waits', async () => {
    const session = await member(demo)
    const { answer } = await session.waiting()
    await session.send(quit)
    assert.deepEqual(session.taken(await answer), ['1'])
    await session.forgotten()
    await watcher.misses(session.id)
  })

  test('is dropped when no GET comes for its last words', async () => {
    const session = await member(demo)
    await session.send(view('nobody reads this'), quit)
    await watcher.misses(session.id, CLOSE_TIMEOUT + 3_000)
    await within(CLOSE_TIMEOUT + 3_000, 'the session is forgotten', (async () => {
      // A POST asks for nothing: a GET would be given the last words.
      for (;;) if ((await session.post([message({})]).answer).json?.code === 1) return
    })())
  })

  test('ends on /primus with the sign not to come back', async () => {
    const session = await connected(demo, { path: PRIMUS, params: { b64: 1 } })
    await session.send(view(1), quit)
    const got = []
    while (got.at(-1) !== '1') got.push(...await session.poll())
    assert.equal(frameIn(got[0]).messageId, 1)
    assert.deepEqual(got.slice(1), ['4"primus::server::close"', '1'])
  })

  test('that many have in the same moment ends for each alone', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => member(demo)))
    const [last, ...first] = sessions
    await Promise.all(first.map(async (session, n) => {
      if (n % 3 === 0) await session.post('1').answer
      else if (n % 3 === 1) (await session.waiting()).wire.destroy()
      else await session.post('nonsense').answer
    }))
    for (const session of first) await watcher.misses(session.id)
    assert.ok(await watcher.isMember(last.id))
    assert.equal((await last.ask(view(1))).messageId, 1)
  })
})

test('with the server: 1001 on websockets, a close packet on polling, nothing that forbids to come back', async () => {
  const server = await startDemo()
  try {
    const raws = [await socket(server), await socket(server, { eio: 3 }), await socket(server, { path: PRIMUS })]
    const session = await connected(server)
    const { answer } = await session.waiting()
    const upgraded = await (await connected(server)).upgraded()
    await askOn(upgraded, view(1))
    const candidate = await (await connected(server)).candidate()
    await arrived(server, candidate)
    server.child.kill('SIGTERM')
    for (const raw of [...raws, upgraded]) {
      assert.equal(await raw.closed(10_000), 1001)
      assert.deepEqual(raw.texts, [])
    }
    assert.deepEqual(packets((await answer).body), ['1'])
    await candidate.closed(10_000)
    assert.deepEqual(await within(15_000, 'the process ends', server.exit), { code: 0, signal: null })
  } finally {
    await server.kill()
  }
})
