// Ten thousand websockets that say nothing keep no actor awake, pings or not. The next word wakes its actor, which knows who
// speaks; and when all have gone, each end is known once.
//
//     CROWD=2000 node --test actors/silent.test.mjs

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clerks, pathOf, status } from '../lib/actors/clerks.mjs'
import { Raw, closeSockets } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'

const PEOPLE = Number(process.env.CROWD ?? 10_000)
const CLERKS = PEOPLE / 10
const AT_ONCE = 100
/** How often all are pinged, in ms. */
const PING = 4_000

let server
before(async () => {
  server = await clerks({ PLAYHOUSE_ACTORS__SLEEP_AFTER: '300', PLAYHOUSE_ACTORS__PING_EVERY: String(PING) })
})
after(async () => {
  closeSockets()
  await server?.stop()
})

/** Runs `work` for every number below `count`, `AT_ONCE` at a time. */
async function many (count, work) {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await work(next++)
  }))
}

/** One person, let in: comes from one of many local addresses, so that ports last. */
async function visitor (n) {
  const params = encodeURIComponent(JSON.stringify({ name: `visitor ${n}` }))
  const headers = { 'Sec-WebSocket-Protocol': `rivet, rivet_encoding.json, rivet_conn_params.${params}` }
  const raw = await Raw.open(server, { path: pathOf(`desk ${n % CLERKS}`), headers, localAddress: `127.0.${1 + n % 50}.1` })
  assert.equal((await raw.value(20_000)).body.tag, 'Init')
  raw.received = 0
  return raw
}

/** A word with the clerk; what the clerk says. */
async function talk (raw) {
  const { body: { val } } = await raw.ask({ body: { tag: 'ActionRequest', val: { id: ['$BigInt', '1'], name: 'talk', args: [] } } })
  return val.output
}

test(`${PEOPLE} silent websockets at ${CLERKS} actors`, { timeout: 120_000 }, async t => {
  const said = []
  let last = performance.now()
  const lap = what => {
    said.push(`${what} ${((performance.now() - last) / 1_000).toFixed(1)} s`)
    last = performance.now()
  }
  const state = () => status(server)

  const people = []
  await many(PEOPLE, async n => { people[n] = await visitor(n) })
  lap('all came')
  const some = [0, 1, PEOPLE >> 1, PEOPLE - 1]
  for (const n of some) assert.deepEqual(await talk(people[n]), { name: `visitor ${n}`, words: 1 })
  let now
  await until('nobody is awake', async () => (now = await state()).awake === 0, 20_000, () => JSON.stringify(now))
  assert.equal(now.came, PEOPLE)
  lap('asleep')

  for (const raw of people) raw.received = 0
  const { starts } = now
  await until('all have been pinged', () => people.every(raw => raw.received || raw.gone), 3 * PING)
  lap('pinged')
  now = await state()
  assert.deepEqual({ awake: now.awake, starts: now.starts, went: now.went }, { awake: 0, starts, went: 0 }, 'a ping wakes nobody')

  const begun = performance.now()
  for (const n of some) assert.deepEqual(await talk(people[n]), { name: `visitor ${n}`, words: 2 }, 'who speaks is known')
  const woken = (performance.now() - begun) / some.length
  now = await state()
  assert.equal(now.starts, starts + new Set(some.map(n => n % CLERKS)).size, 'only who was spoken to woke')
  await until('they sleep again', async () => (await state()).awake === 0)
  lap('woken and asleep')

  for (const raw of people) raw.destroy()
  await until('each end is known', async () => (now = await state()).went >= PEOPLE, 30_000, () => JSON.stringify(now))
  await until('nobody is awake', async () => (now = await state()).awake === 0, 20_000, () => JSON.stringify(now))
  assert.deepEqual({ came: now.came, went: now.went }, { came: PEOPLE, went: PEOPLE }, 'each came and went once')
  lap('all went')
  t.diagnostic(`${said.join(', ')}; a word that wakes took ${woken.toFixed(1)} ms`)
})
