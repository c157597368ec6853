// Too much of engine.io: sessions that nobody reads, bodies that never end, packets and ids without number. Who does it
// is slowed down or dropped; the others chat on.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startDemo, useDemo } from '../lib/demo.mjs'
import { TEXT, Wire, encode } from '../lib/raw.mjs'
import { Watcher, member } from '../lib/transports/engine-room.mjs'
import {
  ENGINE, SEPARATOR, Session, UNKNOWN_SID, connected, exchange, handshake, head, refusal, socket, strangeId, target
} from '../lib/transports/engine.mjs'
import { until, within } from '../lib/wait.mjs'

const CROWD = Number(process.env.CROWD ?? 10_000)
const PACKETS = Number(process.env.FLOOD_FRAMES ?? 1_000_000)
/** Within this the head and the body of a request must have come; 0 leaves the test out that waits for it. */
const DEADLINE = Number(process.env.REQUEST_DEADLINE ?? 45_000)
const MIB = 1_048_576

// The pings of a session that does nothing for a minute are no matter here.
const demo = useDemo({ PLAYHOUSE_ENGINEIO__PING_INTERVAL: '120000' })
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })

function rss (server) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1_024
}

/** Runs `work` for each number, on as many connections that are kept. */
async function onWires (server, count, work, wires = 16) {
  let next = 0
  await Promise.all(Array.from({ length: wires }, async () => {
    const wire = new Wire(server)
    while (next < count) await work(wire, next++)
    wire.destroy()
  }))
}

/** How long the others wait for what they say, in the middle of `work`: the median in ms. */
async function othersDuring (others, work) {
  const waits = []
  let over = false
  const done = work.finally(() => { over = true })
  for (let n = 0; !over; n++) {
    const began = performance.now()
    await others.say(`meanwhile ${n}`, 20_000)
    waits.push(performance.now() - began)
    await pause(20)
  }
  await done
  return waits.sort((a, b) => a - b)[waits.length >> 1]
}

test(`${CROWD} handshakes that never poll, twice: all are forgotten, and so is their memory`, { timeout: 120_000 }, async () => {
  const server = await startDemo({ PLAYHOUSE_ENGINEIO__PING_INTERVAL: '4000', PLAYHOUSE_ENGINEIO__PING_TIMEOUT: '1000' })
  const others = await Watcher.open(server)
  try {
    const before = rss(server)
    const peaks = []
    for (let round = 0; round < 2; round++) {
      const sids = []
      const median = await othersDuring(others, onWires(server, CROWD, async wire => {
        sids.push((await Session.open(server, { wire })).sid)
      }))
      assert.ok(median < 250, `the others waited ${median.toFixed()} ms`)
      peaks.push(rss(server))
      const wire = new Wire(server)
      for (const sid of [...sids.slice(0, 20), ...sids.slice(-200)]) {
        // A method that does nothing: what is known gets another refusal, and is kept alive by none.
        await until('a session is forgotten', async () => (await refusal(server, 'PUT', handshake({ sid }), { wire }))[1] === 1, 20_000)
      }
      wire.destroy()
    }
    const [first, second] = peaks.map(peak => (peak - before) / MIB)
    assert.ok(first < 16 + CROWD * 8_192 / MIB, `${first.toFixed(1)} MiB for ${CROWD} sessions`)
    assert.ok(second < 1.5 * first + 16, `${second.toFixed(1)} MiB the second time, ${first.toFixed(1)} the first`)
    assert.equal((await (await connected(server)).ask(view(1))).messageId, 1)
  } finally {
    others.leave()
    await server.kill()
  }
})

test(`a body of one byte a second is cut off after ${DEADLINE} ms`, { timeout: DEADLINE + 60_000, skip: DEADLINE === 0 }, async () => {
  const session = await member(demo)
  const slow = new Wire(demo)
  slow.write(head(demo, 'POST', session.url(), { 'Content-Type': 'text/plain', 'Content-Length': 1_000 }))
  const began = performance.now()
  const drip = setInterval(() => slow.write('4'), 1_000)
  try {
    await slow.when('the server gives up', () => slow.gone || slow.bytes.includes('\r\n\r\n'), DEADLINE + 15_000)
  } finally {
    clearInterval(drip)
  }
  const waited = performance.now() - began
  assert.ok(waited > DEADLINE * 0.8, `cut off after ${waited.toFixed()} ms already`)
  if (slow.bytes.length) assert.match(slow.bytes.toString('latin1'), /^HTTP\/1\.1 4\d\d /)
  await watcher.misses(session.id)
  await session.forgotten()
  slow.destroy()
})

describe('packets without number', () => {
  for (const [what, packet, body] of [
    ['empty messages', '4', count => `4${SEPARATOR}`.repeat(count - 1) + '4'],
    ['messages that are no JSON', '4{', count => `4{${SEPARATOR}`.repeat(count - 1) + '4{'],
    ['empty messages of protocol 3', '4', count => '1:4'.repeat(count)],
    ['pongs', '3', count => `3${SEPARATOR}`.repeat(count - 1) + '3']
  ]) {
    test(`${PACKETS} ${what} in a few bodies`, { timeout: 120_000 }, async () => {
      const session = await connected(demo, { eio: what.endsWith('3') ? 3 : 4 })
      const each = 100_000
      const median = await othersDuring(watcher, (async () => {
        for (let sent = 0; sent < PACKETS; sent += each) {
          assert.equal((await session.post(body(Math.min(each, PACKETS - sent)), { ms: 60_000 }).answer).body, 'ok', packet)
        }
      })())
      assert.ok(median < 500, `the others waited ${median.toFixed()} ms`)
      assert.equal((await session.ask(view('after'))).messageId, 'after')
    })
  }

  test('on a websocket', { timeout: 120_000 }, async () => {
    const raw = await socket(demo)
    const median = await othersDuring(watcher, (async () => {
      const batch = Buffer.concat(Array.from({ length: 1_000 }, () => encode(TEXT, '4')))
      for (let n = 0; n < PACKETS; n += 1_000) {
        await within(60_000, 'the server reads', new Promise(resolve => raw.socket.write(batch, resolve)))
      }
      raw.send(`4${JSON.stringify(view('after'))}`)
      assert.match(await raw.next(60_000), /"messageId":"after"\}$/)
    })())
    assert.ok(median < 500, `the others waited ${median.toFixed()} ms`)
    raw.destroy()
  })

  test('requests that are answered, never taken: dropped, or held back, at a bounded cost', { timeout: 60_000 }, async () => {
    const session = await member(demo)
    const before = rss(demo)
    const frames = Array.from({ length: 1_000 }, (_, n) => view(n + 1))
    // 100 MiB of answers, were they all kept.
    for (let n = 0; n < 300; n++) {
      const answer = await session.post(frames.map(frame => `4${JSON.stringify(frame)}`), { ms: 2_000 }).answer.catch(() => null)
      if (answer?.status !== 200) break
    }
    const grown = (rss(demo) - before) / MIB
    assert.ok(grown < 64, `grown by ${grown.toFixed(1)} MiB`)
    await watcher.say('and the room goes on')
  })
})

test('a member of a room that never polls is dropped, the room goes on', { timeout: 60_000 }, async () => {
  const lazy = await member(demo)
  let said = 0
  while (await watcher.isMember(lazy.id) && said < 400) {
    for (let n = 0; n < 10; n++, said++) await watcher.say('x'.repeat(100_000))
  }
  assert.ok(said < 400, `still a member after ${said} messages of 100 kB`)
  await lazy.forgotten()
})

describe('ids', () => {
  test('that are guessed open nothing, and cost the owner nothing', { timeout: 120_000 }, async () => {
    const session = await member(demo)
    const near = at => session.sid.slice(0, at) + (session.sid[at] === 'A' ? 'B' : 'A') + session.sid.slice(at + 1)
    const guesses = [
      ...Array.from(session.sid, (_, at) => near(at)), session.sid.slice(0, -1), `${session.sid}A`, session.sid.toLowerCase(),
      session.sid.toUpperCase(), `%20${session.sid}`, `${session.sid}%00`, `${session.sid},${session.sid}`
    ].filter(guess => guess !== session.sid)
    await onWires(demo, 10_000, async (wire, n) => {
      const sid = guesses[n] ?? strangeId()
      const method = n % 2 ? 'GET' : 'POST'
      assert.deepEqual(await refusal(demo, method, handshake({ sid }), { wire, body: n % 2 ? undefined : '1' }), UNKNOWN_SID, sid)
    })
    assert.ok(await watcher.isMember(session.id))
    assert.equal((await session.ask(view(1))).messageId, 1)
  })

  test('of 10 kB, and queries that are nothing but length', async () => {
    const long = 'x'.repeat(10_000)
    assert.deepEqual(await refusal(demo, 'GET', handshake({ sid: long })), UNKNOWN_SID)
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`p${n}`, n]))
    assert.equal((await exchange(demo, 'GET', handshake(many)).answer).status, 200)
    const { status } = await exchange(demo, 'GET', handshake({ sid: 'x'.repeat(200_000) })).answer
    assert.ok(status >= 400 && status < 500, String(status))
  })

  test('and names that mean something to some languages', async () => {
    const names = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', '__proto__[sid]', 'EIO[]', 'sid[toString]']
    for (const name of names) {
      assert.deepEqual(await refusal(demo, 'GET', handshake({ sid: name })), UNKNOWN_SID, name)
      assert.equal((await exchange(demo, 'GET', target(ENGINE, { [name]: name, EIO: 4, transport: 'polling' })).answer).status, 200, name)
    }
  })

  test('of a handshake whose client is gone before its answer', async () => {
    const before = rss(demo)
    for (let n = 0; n < 2_000; n += 100) {
      const wires = Array.from({ length: 100 }, () => new Wire(demo))
      for (const wire of wires) wire.write(head(demo, 'GET', handshake()))
      await Promise.all(wires.map(({ socket: line }) => new Promise(resolve => line.once('connect', resolve))))
      for (const wire of wires) wire.socket.resetAndDestroy()
    }
    assert.equal((await (await connected(demo)).ask(view(1))).messageId, 1)
    assert.ok((rss(demo) - before) / MIB < 64)
  })
})
