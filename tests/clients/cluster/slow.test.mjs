// Redis answers half a second late: everything works, and only who needs an answer waits for it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../lib/client.mjs'
import { membersOf, ok, problems, useCluster } from '../lib/cluster.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

const DELAY = 500
const LEASE = 2_000
const cluster = useCluster(2, { proxied: true, lease: LEASE, timeout: 3_000, calls: 5_000 })
let scene

before(async () => {
  scene = await Scene.on(cluster)
  cluster.proxy.slow(DELAY)
})

after(() => { cluster.proxy?.slow(0) })

test('what needs no Redis does not wait for it', async () => {
  await scene.goesOn()
})

test('those on the node of who speaks hear it at once, the others when it comes', async () => {
  const [[speaker, neighbour], [stranger]] = scene.people
  assert.ok(await scene.say(speaker, 'lobby', [speaker, neighbour]) < DELAY / 2)
  const took = await scene.say(speaker, 'lobby', [stranger])
  assert.ok(took > DELAY * 0.9 && took < DELAY * 2, `${took} ms`)
})

test('many messages wait for one delay together, not each for its own', async () => {
  const [[speaker], [stranger]] = scene.people
  const texts = Array.from({ length: 100 }, (_, n) => `quick ${n}`)
  const started = performance.now()
  const replies = texts.map(text => ask(speaker, 'say', 'lobby', text))
  await until('all are heard', () => scene.copies(stranger, 'quick 99') > 0, 10_000)
  const took = performance.now() - started
  assert.ok(took < DELAY * 4, `100 messages took ${took} ms`)
  for (const reply of await Promise.all(replies)) ok(reply)
  const heard = scene.heard.get(stranger).map(([, { message }]) => message).filter(text => text.startsWith('quick'))
  assert.deepEqual(heard, texts)
})

test('nobody loses the lease, and everything else works too', async () => {
  const all = scene.people.flat().map(({ id }) => id).sort()
  const end = Date.now() + 2 * LEASE
  while (Date.now() < end) {
    assert.deepEqual(await membersOf(scene.people[0][0], 'lobby'), all)
    await pause(100)
  }
  for (const node of cluster.nodes) assert.deepEqual(await problems(node), [], 'slow is not wrong')
  await scene.isWell()
})
