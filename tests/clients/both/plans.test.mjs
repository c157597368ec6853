// A hundred plans of cuts by seed. What is promised, in plain words, after a plan has ended and the client is back:
//
// Everybody (ActionHero's file on Primus):
// - A message whose callback got OK was heard exactly once, by everybody in the room, in the order in which it was said.
// - A message that was refused was not heard. A message that was never answered was heard once at most.
// - What was written while the client knew that it was down is sent when it is back, in order, and nothing of it is
//   missing but what was too much for `queueSize`: then the oldest goes first.
//
// On our primus.js also:
// - The client is in exactly the rooms that it asked for and did not leave, also where the cut came between the asking
//   and the answer. They are joined before anything that waited is sent, so nothing of it is refused for want of a room.
// - Nobody else is left in those rooms: a connection that was lost is gone from them.
//
// Our client also:
// - Each callback is called exactly once. `connection_lost` means that nobody knows: the message was heard once at
//   most. `queue_full` means that it was not sent, and is told only where a limit was set.
// - `id` and `rooms` show what the server says.
//
//   SEED    the first plan's seed, by chance otherwise; a failure names the seed of its plan: SEED=.. PLANS=1
//   PLANS   how many (100; half as many where it polls)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere } from '../lib/both.mjs'
import { useDemo } from '../lib/demo.mjs'
import { PINGS, runPlan } from '../lib/plan.mjs'

const PLANS = Number(process.env.PLANS ?? 100)
/** So many run side by side: most of a plan is waiting, but in a page each step is a way to it and back. */
const ABREAST = { node: 20, chromium: 10 }
const FIRST = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

const demo = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: PINGS })

everywhere(use => {
  const plans = use.subject.polls ? Math.ceil(PLANS / 2) : PLANS
  test(`${plans} plans of cuts`, { timeout: 300_000 }, async t => {
    t.diagnostic(`SEED=${FIRST} PLANS=${plans}`)
    const failures = []
    let next = 0
    await Promise.all(Array.from({ length: ABREAST[use.place] }, async () => {
      while (next < plans && failures.length < 3) {
        await runPlan(use(), demo, FIRST + next++, use.keeps).catch(error => failures.push(error))
      }
    }))
    assert.equal(failures.length, 0, failures.map(({ message }) => message).join('\n\n'))
  })
}, { main: true })
