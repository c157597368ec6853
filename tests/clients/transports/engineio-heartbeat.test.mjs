// The heartbeat of engine.io, made short by configuration: the server pings clients of protocol 4, clients of protocol 3
// ping the server, and who is silent is gone.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { useDemo } from '../lib/demo.mjs'
import { ROOM, Watcher, member } from '../lib/transports/engine-room.mjs'
import { askOn, connected, frameOn, message, socket } from '../lib/transports/engine.mjs'
import { until } from '../lib/wait.mjs'

const INTERVAL = 600
const TIMEOUT = 500
/** The server's timers tick every 50 ms, and a busy machine is late besides. */
const LATE = 400
const demo = useDemo({ PLAYHOUSE_ENGINEIO__PING_INTERVAL: String(INTERVAL), PLAYHOUSE_ENGINEIO__PING_TIMEOUT: String(TIMEOUT) })
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })

/** A websocket session in the room. */
async function memberOn (options) {
  const raw = await socket(demo, options)
  assert.equal((await askOn(raw, { event: 'roomAdd', room: ROOM, messageId: 1 })).status, 'OK')
  raw.id = (await askOn(raw, view(2))).data.id
  return raw
}

/** How long something takes, in ms. */
async function lasting (work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Fails unless the server ended the websocket after that time, within what machines are late. */
async function closedAfter (raw, from, ms) {
  await raw.closed(ms + 3_000)
  const after = performance.now() - from
  assert.ok(after >= ms - 30 && after < ms + 2 * LATE, `closed after ${after.toFixed()} and not ${ms} ms`)
}

test('the handshake says how often', async () => {
  const { data } = await connected(demo)
  assert.deepEqual([data.pingInterval, data.pingTimeout], [INTERVAL, TIMEOUT])
})

describe('protocol 4: the server pings', () => {
  test('one interval after the handshake, and one after each pong', async () => {
    const raw = await socket(demo)
    let from = performance.now()
    for (let n = 0; n < 4; n++) {
      assert.equal(await raw.next(INTERVAL + 2_000), '2')
      const waited = performance.now() - from
      assert.ok(waited >= INTERVAL - 30 && waited < INTERVAL + LATE, `ping ${n} after ${waited.toFixed()} ms`)
      // Later than at once: the interval counts from the pong.
      await pause(TIMEOUT / 4)
      raw.send('3')
      from = performance.now()
    }
    raw.destroy()
  })

  test('on polling with a packet like any other', async () => {
    const session = await member(demo)
    for (let n = 0; n < 3; n++) {
      const waited = await lasting(async () => assert.deepEqual(await session.poll(), ['2']))
      assert.ok(waited > INTERVAL / 2 && waited < INTERVAL + LATE, `${waited.toFixed()} ms`)
      assert.equal((await session.post('3').answer).body, 'ok')
    }
    assert.ok(await watcher.isMember(session.id))
  })

  test('who does not answer is closed', async () => {
    const from = performance.now()
    const raw = await memberOn()
    assert.equal(await raw.next(INTERVAL + 2_000), '2')
    await closedAfter(raw, from, INTERVAL + TIMEOUT)
    assert.deepEqual(raw.texts, [], 'one ping, no close packet')
    await watcher.misses(raw.id)
  })

  test('who polls and does not answer is closed, and a GET that waits is told so', async () => {
    const session = await member(demo)
    const polled = []
    await until('the end', async () => {
      const { status, body } = await session.get().answer
      if (status === 200) polled.push(body)
      return status !== 200 || body === '1'
    })
    assert.equal(polled[0], '2')
    assert.ok(polled.length <= 2 && (polled[1] ?? '1') === '1', polled.join())
    await watcher.misses(session.id)
    await session.forgotten()
  })

  test('who never polls dies of the same', async () => {
    const session = await member(demo)
    const waited = await lasting(() => watcher.misses(session.id, INTERVAL + TIMEOUT + 3_000))
    assert.ok(waited > INTERVAL && waited < INTERVAL + TIMEOUT + 2 * LATE, `${waited.toFixed()} ms`)
    await session.forgotten()
  })

  test('another packet extends the wait once, and not for ever', async () => {
    const raw = await memberOn()
    assert.equal(await raw.next(INTERVAL + 2_000), '2')
    const from = performance.now()
    const talk = setInterval(() => raw.send(message({ event: 'roomView', messageId: 1 })), TIMEOUT / 5)
    try {
      await raw.closed(2 * TIMEOUT + 3_000)
    } finally {
      clearInterval(talk)
    }
    const waited = performance.now() - from
    assert.ok(waited >= TIMEOUT - 30 && waited < 2 * TIMEOUT + 2 * LATE, `closed after ${waited.toFixed()} ms`)
    await watcher.misses(raw.id)
  })

  test('a ping of the client outside a probe ends the session', async () => {
    const raw = await memberOn()
    raw.send('2')
    await raw.closed()
    await watcher.misses(raw.id)
    const session = await member(demo)
    await session.post('2').answer
    await watcher.misses(session.id)
    await session.forgotten()
  })

  test('pongs that nobody asked for keep nobody alive', async () => {
    const raw = await memberOn()
    for (let n = 0; n < 10; n++) raw.send('3')
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    assert.equal(await raw.next(INTERVAL + 2_000), '2')
    await raw.closed(TIMEOUT + 2_000)
    await watcher.misses(raw.id)
  })
})

describe('protocol 3: the client pings', () => {
  test('and gets a pong with the same data, on a websocket and on polling', async () => {
    const raw = await socket(demo, { eio: 3 })
    for (const data of ['', 'x', 'probe', '{"a":"é 😀"}']) {
      raw.send(`2${data}`)
      assert.equal(await raw.next(), `3${data}`)
    }
    raw.destroy()
    const session = await connected(demo, { eio: 3 })
    assert.equal((await session.post(['2', '2data 😀']).answer).body, 'ok')
    assert.deepEqual([await session.packet(), await session.packet()], ['3', '3data 😀'])
  })

  test('as long as it does it is alive, and the server pings never', async () => {
    const raw = await memberOn({ eio: 3 })
    const end = performance.now() + 3 * (INTERVAL + TIMEOUT)
    while (performance.now() < end) {
      raw.send('2')
      assert.equal(await raw.next(), '3')
      await pause(INTERVAL / 2)
    }
    assert.deepEqual(raw.texts, [])
    raw.destroy()
  })

  test('any packet is a sign of life, also a pong, which is ignored otherwise', async () => {
    for (const packet of ['3', '3x', message({})]) {
      const raw = await memberOn({ eio: 3 })
      const end = performance.now() + 1.5 * (INTERVAL + TIMEOUT)
      while (performance.now() < end) {
        raw.send(packet)
        await pause(INTERVAL / 3)
      }
      assert.ok(!raw.gone && raw.closeCode === null, packet)
      if (packet[0] === '3') assert.deepEqual(raw.texts, [])
      raw.destroy()
    }
  })

  test('who sends nothing is closed after interval and timeout', async () => {
    const raw = await memberOn({ eio: 3 })
    await closedAfter(raw, performance.now(), INTERVAL + TIMEOUT)
    assert.deepEqual(raw.texts, [])
    await watcher.misses(raw.id)
  })
})

describe('R8 and R9: around the upgrade', () => {
  test('a ping that is due while nobody polls waits for the websocket', async () => {
    const session = await connected(demo)
    const raw = await session.probed()
    await pause(INTERVAL + LATE / 4)
    assert.deepEqual(raw.texts, [])
    raw.send('5')
    assert.equal(await raw.next(), '2')
    raw.send('3')
    assert.equal(await raw.next(INTERVAL + 2_000), '2', 'and the heartbeat goes on')
    raw.destroy()
  })

  test('one that a GET took may be answered on the websocket', async () => {
    const session = await connected(demo)
    const raw = await session.candidate()
    assert.deepEqual(await session.poll(), ['2'])
    raw.send('2probe')
    assert.equal(await raw.next(), '3probe')
    raw.send('5')
    raw.send('3')
    assert.equal(await raw.next(INTERVAL + 2_000), '2', 'the next one: it has counted')
    raw.destroy()
  })

  test('and on polling right before the switch', async () => {
    const session = await connected(demo)
    assert.deepEqual(await session.poll(), ['2'])
    const raw = await session.probed()
    assert.equal((await session.post(['3', message(view('before'))]).answer).body, 'ok')
    raw.send('5')
    assert.equal((await frameOn(raw)).messageId, 'before')
    assert.equal(await raw.next(INTERVAL + 2_000), '2')
    raw.destroy()
  })
})

test('after a stall of the whole process nobody is executed', { timeout: 30_000 }, async () => {
  const raws = await Promise.all(Array.from({ length: 20 }, (_, n) => socket(demo, { eio: n % 2 ? 3 : 4 })))
  await raws[0].when('a ping', () => raws[0].texts.includes('2'), INTERVAL + 2_000)
  await demo.freeze()
  try {
    await pause(3 * (INTERVAL + TIMEOUT))
  } finally {
    demo.thaw()
  }
  // The pong has been on its way; whoever answers within a fresh interval stays.
  for (const raw of raws) raw.texts.length = 0
  await Promise.all(raws.map(async (raw, n) => {
    raw.send(n % 2 ? '2' : '3')
    raw.send(message(view('awake')))
    await raw.when('the answer', () => raw.texts.some(text => text.includes('awake')) || raw.gone || raw.closeCode !== null)
    assert.ok(raw.closeCode === null && !raw.gone, `session ${n} was closed`)
  }))
  for (const raw of raws) raw.destroy()
})
