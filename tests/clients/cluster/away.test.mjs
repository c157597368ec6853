// Redis is away for a while: refused, silent, or dead and back without anything. What needs none goes on,
// what needs one is refused as such, and afterwards everything heals by itself.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ROUNDS, done, problems, roomNames, untilRoom, useCluster } from '../lib/cluster.mjs'
import { Scene } from '../lib/scene.mjs'

/** How long it is away, in milliseconds. The lease is shorter: the nodes lose theirs. */
const AWAY = Number(process.env.AWAY ?? 4_000)
const cluster = useCluster(2, { proxied: true, lease: 2_000, timeout: 500 })
let scene

before(async () => {
  await cluster.ready
  scene = await Scene.on(cluster)
})

/** Does this with the proxies of all nodes. */
function all (what) {
  return () => cluster.disturb(proxy => proxy[what]())
}

/** The ways of being away, each with its way back. */
const WAYS = {
  'nobody listens where it was': [all('refuse'), all('accept')],
  'nothing answers any more': [all('hold'), async () => { await all('release')(); await all('cut')() }],
  'nothing answers for a while, then all at once': [all('hold'), all('release')],
  'it was killed, and comes back empty': [() => cluster.redis.kill(), () => cluster.redis.begin()]
}

for (const [way, [leave, back]] of Object.entries(WAYS)) {
  describe(way, () => {
    test('what needs no Redis goes on, the rest is refused, and afterwards all is well', async () => {
      const left = Date.now()
      await leave()
      try {
        await scene.tells(/redis/i)
        await scene.goesOn()
        await scene.refuses()
        await scene.refusesChat()
        await scene.goesOn()
        await pause(Math.max(0, AWAY - (Date.now() - left)))
        await scene.goesOn()
        await scene.refusesChat()
      } finally {
        await back()
      }
      await scene.heals()
      for (const node of cluster.nodes) {
        assert.match((await problems(node)).join(), /may have missed/, 'a gap is told, not passed over')
      }
    })
  })
}

test('restarted empty at once: members, rooms and chat are as they were', async () => {
  for (let n = 0; n < Math.ceil(ROUNDS / 4); n++) {
    await cluster.redis.restart()
    await scene.heals()
  }
})

test('a room that is removed just after Redis came back empty is not made again', async () => {
  const [a, b] = cluster.nodes
  const before = await cluster.freshRoom()
  await cluster.redis.restart()
  await cluster.untilWell()
  assert.equal((await done(a, 'addRoom', { name: 'brief' })).did, true)
  assert.equal((await done(b, 'removeRoom', { name: 'brief' })).did, true)
  await done(b, 'removeRoom', { name: before })
  for (const node of cluster.nodes) {
    for (const name of ['brief', before]) await untilRoom(node, name, false)
  }
  // Each has looked at the list again by then.
  await scene.heals()
  for (const node of cluster.nodes) {
    const names = await roomNames(node)
    for (const name of ['brief', before]) assert.ok(!names.includes(name), name)
  }
})

test('emptied under the eyes of all: they notice within the lease', async () => {
  await cluster.redis.ask('FLUSHALL')
  await scene.heals()
})

test('every connection cut: nobody notices for long', async () => {
  for (let n = 0; n < Math.ceil(ROUNDS / 4); n++) {
    await cluster.redis.cutClients()
    await scene.heals()
    await all('cut')()
    await scene.heals()
  }
})
