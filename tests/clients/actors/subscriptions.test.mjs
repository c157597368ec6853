// A client that subscribes a hundred thousand times, to events that nobody tells or to one over and over again. It may be
// served or sent away, but in clear words; memory has a bound, and nobody else notices.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { idOf } from '../lib/actors/management.mjs'
import { Seat } from '../lib/actors/seat.mjs'
import { useDemo } from '../lib/demo.mjs'
import { get, sendJson } from '../lib/http.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const TIMES = 100_000
const MIB = 1_048_576
/** What all that may cost the server, an allocator that keeps what it had counted. */
const MEMORY = 64 * MIB
/** What others may wait at most; half of them much less. */
const PATIENCE = 2_000
const MEDIAN = 250

let shared
before(async () => {
  await demo.ready
  shared = await idOf(demo, 'counter', 'shared')
})

function rss () {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${demo.pid}/status`, 'utf8'))[1]) * 1_024
}

async function seated (encoding) {
  const seat = await Seat.open(demo, `/gateway/${shared}/connect`, { encoding })
  assert.equal((await seat.next()).tag, 'Init')
  return seat
}

/** Subscribes as fast as it is taken; ends early if the server closes. */
async function subscribe (seat, nth) {
  for (let n = 0; n < TIMES && !seat.close; n++) {
    seat.subscribe(...nth(n))
    if (n % 250 !== 249) continue
    await turn()
    await until('what was sent is taken', () => seat.close || seat.socket.bufferedAmount < MIB, 20_000)
  }
}

/** Others go on while that is done: at the same actor, at another, and elsewhere. What each answer took, sorted. */
async function beside (work) {
  const [one, elsewhere] = [await seated('bare'), await idOf(demo, 'counter', 'elsewhere')]
  one.subscribe('newCount')
  let calls = 0
  const asks = [
    async () => {
      const { tag, name } = await one.ask(++calls, 'increment', 1)
      assert.deepEqual({ tag, name }, { tag: 'Event', name: 'newCount' })
      assert.equal((await one.next()).id, BigInt(calls))
    },
    async () => assert.equal((await sendJson(demo, 'POST', `/gateway/${elsewhere}/action/increment`, { args: [1] })).status, 200),
    async () => assert.equal((await get(demo, '/api/status')).status, 200)
  ]
  const waits = []
  let over = false
  const done = work().finally(() => { over = true })
  do {
    for (const ask of asks) {
      const begun = performance.now()
      await ask()
      waits.push(performance.now() - begun)
    }
  } while (!over)
  await done
  await one.dispose()
  return waits.sort((a, b) => a - b)
}

/** It works, or was ended with a code that says why. */
async function howItIs (seat) {
  seat.send({ tag: 'ActionRequest', id: 5, name: 'echo', args: ['still here'] })
  for (;;) {
    const frame = await seat.next(20_000).catch(() => null)
    if (!frame) break
    if (frame.tag === 'Error') continue
    if (frame.tag === 'ActionResponse') {
      assert.equal(frame.output, 'still here')
      return 'works'
    }
    assert.equal(frame.tag, 'Event')
  }
  assert.deepEqual(await seat.closed(), { code: 1011, reason: 'actor.overloaded' })
  return 'was ended with actor.overloaded'
}

const KINDS = {
  'events that nobody tells': n => [`event ${n} ${'x'.repeat(20)}`, true],
  'one event, on and off': n => ['newCount', n % 2 === 0]
}

for (const encoding of ['cbor', 'json']) {
  for (const [kind, nth] of Object.entries(KINDS)) {
    test(`${TIMES} subscriptions in ${encoding}: ${kind}`, { timeout: 60_000 }, async t => {
      const seat = await seated(encoding)
      const before = rss()
      const waits = await beside(() => subscribe(seat, nth))
      const end = await howItIs(seat)
      const grown = (rss() - before) / MIB
      const [median, longest] = [waits[waits.length >> 1], waits.at(-1)]
      t.diagnostic(`the connection ${end}; ${grown.toFixed(1)} MiB more; ${waits.length} others waited ${median.toFixed(1)} ms, at most ${longest.toFixed(1)} ms`)
      assert.ok(grown < MEMORY / MIB, `grown by ${grown.toFixed(1)} MiB`)
      assert.ok(median < MEDIAN, `half of the others waited ${median} ms`)
      assert.ok(longest < PATIENCE, `one of the others waited ${longest} ms`)
      await seat.dispose()
    })
  }
}
