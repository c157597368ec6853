// An actor that computes without ever awaiting has a thread to itself. It keeps nobody else waiting, it is named at once, and
// it does not keep the server from stopping.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { callTo, clerks, seatAt, status } from '../lib/actors/clerks.mjs'
import { idOf } from '../lib/actors/management.mjs'
import { until } from '../lib/wait.mjs'

/** How long it computes, in ms. */
const LONG = 4_000
/** Within which an actor that computes has to be named. */
const NAMED = 1_000
/** What others may wait on a machine that has other things to do. */
const PATIENCE = 1_000

const TITLE = /^(\S+) +ERROR .*an actor computes without awaiting.* actor=clerk\[(\w+)\] action="compute"/gm

let server
before(async () => {
  server = await clerks({ PLAYHOUSE_ACTORS__THREADS: '2', PLAYHOUSE_ACTORS__PING_EVERY: '300' })
})
after(() => server?.kill())

/** Who was named in the log, and when. */
function named (log) {
  return [...log.matchAll(TITLE)].map(([, time, key]) => ({ key, at: Date.parse(time) }))
}

/** Asks each again and again until `done` comes; what each waited at most, in ms. */
async function meanwhile (done, asks) {
  const worst = Object.fromEntries(Object.keys(asks).map(name => [name, 0]))
  let over = false
  done.finally(() => { over = true }).catch(() => {})
  while (!over) {
    for (const [name, ask] of Object.entries(asks)) {
      const begun = performance.now()
      await ask()
      worst[name] = Math.max(worst[name], performance.now() - begun)
    }
  }
  return worst
}

/** Has the actor of a seat compute; what comes of it. */
function computes (seat, ms) {
  seat.send({ tag: 'ActionRequest', id: 1, name: 'compute', args: [ms] })
  return seat.next(ms + 10_000)
}

/** Resolves when the server has answered a ping on this websocket. */
async function ping ({ socket }) {
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
}

test('links, pings, HTTP, actions and other actors go on; it is named until it ends', { timeout: 30_000 }, async t => {
  const [busy, waiting, other] = [await seatAt(server, 'busy'), await seatAt(server, 'busy'), await seatAt(server, 'other')]
  let pings = 0
  busy.socket.on('ping', () => { pings += 1 })
  const begun = Date.now()
  const ended = computes(busy, LONG)
  await until('it is named in `status`', async () => (await status(server)).problems.length)
  const seen = Date.now() - begun
  const { problems: [problem] } = await status(server)
  assert.match(problem, /^actors: clerk\[busy\] computes in `compute` without awaiting \(for \d s\)$/)

  waiting.send({ tag: 'ActionRequest', id: 7, name: 'talk', args: [] })
  let keys = 0
  const worst = await meanwhile(ended, {
    link: () => other.ask(++keys, 'talk'),
    // The link of the very actor that computes.
    ping: () => ping(busy),
    http: () => idOf(server, 'clerk', `new ${++keys}`),
    call: () => callTo(server, `fresh ${++keys}`, 'talk'),
    action: () => status(server)
  })
  const took = Date.now() - begun
  assert.deepEqual(await ended, { tag: 'ActionResponse', id: 1n, output: null })
  assert.ok(took >= LONG, `it computed for ${took} ms`)
  assert.ok(keys > 20, `${keys} were answered meanwhile`)
  assert.ok(pings >= 3, `the server asked ${pings} times whether who waits is there`)

  assert.deepEqual((await waiting.next()).output, { name: '', words: 1 }, 'who waited for it is answered')
  await until('the problem has gone with its cause', async () => (await status(server)).problems.length === 0, 2_000)
  assert.equal(other.close ?? busy.close, null)

  const names = named(server.log)
  assert.deepEqual(names.map(({ key }) => key), ['busy'], `it is named once\n${server.log}`)
  const logged = names[0].at - begun
  t.diagnostic(`named in the log after ${logged} ms, seen in status after ${seen} ms; the others waited at most ` +
    Object.entries(worst).map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', '))
  assert.ok(logged <= NAMED, `in the log after ${logged} ms`)
  assert.ok(seen <= NAMED, `in status after ${seen} ms`)
  for (const [name, ms] of Object.entries(worst)) assert.ok(ms < PATIENCE, `${name} waited ${ms} ms`)
})

test('who has just spoken with it goes on', { timeout: 30_000 }, async () => {
  const [busy, again] = [await seatAt(server, 'neighbour'), await seatAt(server, 'neighbour')]
  const [friend, beside] = [await seatAt(server, 'friend'), await seatAt(server, 'friend')]
  // While it computes for the first time, a question of another actor comes, and then what it computes next.
  const first = computes(busy, 300)
  await callTo(server, 'third', 'talk')
  const asked = friend.ask(1, 'ask', 'neighbour')
  await beside.ask(1, 'words')
  const second = computes(again, 3_000)
  await first
  const begun = performance.now()
  assert.equal((await asked).output, 0)
  await beside.ask(2, 'words')
  assert.ok(performance.now() - begun < PATIENCE, `who asked waited ${performance.now() - begun} ms`)
  await second
})

test('where all threads are taken the rest goes on: links, actions, and a word about each', { timeout: 30_000 }, async () => {
  const seats = await Promise.all(['one', 'two'].map(key => seatAt(server, key)))
  const ended = Promise.all(seats.map(seat => computes(seat, 2_000)))
  await until('both are named in `status`', async () => /clerk\[one\].*clerk\[two\]|clerk\[two\].*clerk\[one\]/.test((await status(server)).problems))
  const late = seatAt(server, 'late')
  const worst = await meanwhile(ended, {
    ping: () => ping(seats[0]),
    action: () => status(server)
  })
  for (const [name, ms] of Object.entries(worst)) assert.ok(ms < PATIENCE, `${name} waited ${ms} ms`)
  assert.deepEqual((await (await late).ask(1, 'talk')).output, { name: '', words: 1 }, 'who came meanwhile is let in after it')
  await until('all is well', async () => (await status(server)).problems.length === 0, 2_000)
})

test('it does not keep the server from stopping', { timeout: 30_000 }, async () => {
  const hasty = await clerks({ PLAYHOUSE_DRAIN__ACTIONS: '500', PLAYHOUSE_DRAIN__CLOSING: '500' })
  try {
    const seat = await seatAt(hasty, 'endless')
    seat.send({ tag: 'ActionRequest', id: 1, name: 'compute', args: [60_000] })
    await until('it computes', async () => (await status(hasty)).problems.length)
    const begun = performance.now()
    const { code, signal } = await hasty.stop(10_000)
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    assert.match(hasty.log, /actors did not come to rest in time/)
    assert.ok(performance.now() - begun < 8_000)
  } finally {
    await hasty.kill()
  }
})
