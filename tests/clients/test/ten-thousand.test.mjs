// Ten thousand people come, join, chat and go, twice and more. Afterwards the server is as it was: nobody
// left in a room, no memory kept.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { TEXT, encode, rawConnect } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const PEOPLE = Number(process.env.CROWD ?? 10_000)
const PER_ROOM = 50
const AT_ONCE = 250
const MIB = 1_048_576

function rss () {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${demo.pid}/status`, 'utf8'))[1]) * 1_024
}

const say = text => encode(TEXT, JSON.stringify(text))

/** Runs `work` for every number below `count`, `AT_ONCE` at a time. */
async function many (count, work) {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await work(next++)
  }))
}

/** One person: comes from one of many local addresses, so that ports last, and only counts frames. */
async function person (n, everywhere) {
  const raw = await rawConnect(demo, { localAddress: `127.0.${1 + (n % 50)}.1` })
  raw.keep = false
  raw.received = 0
  raw.write(Buffer.concat([
    say({ event: 'roomAdd', room: `crowd-${Math.floor(n / PER_ROOM)}`, messageId: 1 }),
    say({ event: 'roomAdd', room: everywhere, messageId: 2 })
  ]))
  await raw.when('both rooms are joined', () => raw.received >= 2 || raw.gone, 20_000)
  assert.ok(!raw.gone, `person ${n} was dropped with ${raw.closeCode}`)
  raw.received = 0
  return raw
}

/** A crowd that comes, talks and goes, watched by somebody who stays. */
async function wave (watcher, everywhere) {
  const people = []
  await many(PEOPLE, async n => { people[n] = await person(n, everywhere) })
  assert.equal((await ask(watcher, 'roomView', everywhere)).data.membersCount, PEOPLE + 1)

  // In each small room everybody says something to everybody; then one word goes to all.
  people.forEach((raw, n) => {
    raw.write(say({ event: 'say', room: `crowd-${Math.floor(n / PER_ROOM)}`, message: `hello from ${n}`, messageId: 3 }))
  })
  const small = PER_ROOM + 1
  await until('everybody has heard the own room', () => people.every(raw => raw.received >= small), 30_000)
  await ask(watcher, 'say', everywhere, 'to all')
  await until('everybody has heard the watcher', () => people.every(raw => raw.received === small + 1), 20_000)

  for (const raw of people) raw.destroy()
  await until('everybody has gone', async () =>
    (await ask(watcher, 'roomView', everywhere)).data.membersCount === 1, 20_000)
}

test(`${PEOPLE} connections leave memory and rooms as they were`, { timeout: 240_000 }, async () => {
  const watcher = await connect(demo.url)
  const everywhere = 'defaultRoom'
  await ask(watcher, 'roomAdd', everywhere)
  for (let n = 0; n < PEOPLE / PER_ROOM; n++) await ask(watcher, 'action', 'createChatRoom', { name: `crowd-${n}` })

  await wave(watcher, everywhere)
  // An allocator may keep what an unlucky crowd needed more than the one before; a leak grows with every crowd.
  let kept
  for (let crowd = 2; crowd <= 5; crowd++) {
    const before = rss()
    await wave(watcher, everywhere)
    kept = (rss() - before) / MIB
    if (kept < 8) break
  }
  assert.ok(kept < 8, `every crowd left memory behind, the last ${kept.toFixed(1)} MiB`)

  for (const room of ['crowd-0', `crowd-${PEOPLE / PER_ROOM - 1}`]) {
    await ask(watcher, 'roomAdd', room)
    assert.equal((await ask(watcher, 'roomView', room)).data.membersCount, 1)
  }
})
