// Redis answers half a second late: everything works, and only who needs an answer waits for it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../lib/client.mjs'
import { crowd, membersOf, ok, troubles, untilMembers, useCluster } from '../lib/cluster.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

const DELAY = 500
const LEASE = 2_000
const cluster = useCluster(2, { proxied: true, lease: LEASE, timeout: 3_000, calls: 5_000 })
let scene

before(async () => {
  await cluster.ready
  scene = await Scene.on(cluster)
  await cluster.disturb(proxy => proxy.slow(DELAY))
})

after(() => cluster.disturb(proxy => proxy.slow(0)))

test('what needs no Redis does not wait for it', async () => {
  await scene.goesOn()
})

test('those on the node of who speaks hear it at once, the others when it comes', async () => {
  const [[speaker, neighbour], [stranger]] = scene.people
  assert.ok(await scene.say(speaker, 'lobby', [speaker, neighbour]) < DELAY / 2)
  const took = await scene.say(speaker, 'lobby', [stranger])
  assert.ok(took > DELAY * 0.9 && took < DELAY * 2, `${took} ms`)
})

test('a speaker is not held up by the answers to what was said before', async () => {
  const [[speaker], [stranger]] = scene.people
  const texts = Array.from({ length: 100 }, (_, n) => `quick ${n}`)
  const started = performance.now()
  const replies = texts.map(text => ask(speaker, 'say', 'lobby', text))
  await until('all are heard', () => scene.copies(stranger, 'quick 99') > 0)
  const took = performance.now() - started
  assert.ok(took < DELAY * 6, `100 messages took ${took} ms`)
  for (const reply of await Promise.all(replies)) ok(reply)
  const heard = scene.heard.get(stranger).map(([, { message }]) => message).filter(text => text.startsWith('quick'))
  assert.deepEqual(heard, texts)
})

test('nor are many by each other', async () => {
  const [, [stranger]] = scene.people
  const speakers = await crowd(cluster.nodes[0], 50, 'lobby')
  const heard = () => scene.heard.get(stranger).map(([, { message }]) => message).filter(text => text.startsWith('crowd'))
  const started = performance.now()
  for (const [n, speaker] of speakers.entries()) {
    for (const time of ['first', 'second']) {
      speaker.send({ event: 'say', room: 'lobby', message: `crowd ${n} ${time}`, messageId: time })
    }
  }
  await until('all are heard', () => heard().length >= 100)
  const took = performance.now() - started
  for (const speaker of speakers) speaker.destroy()
  assert.ok(took < DELAY * 6, `two messages of each took ${took} ms`)
  assert.equal(new Set(heard()).size, 100)
  for (const n of speakers.keys()) assert.ok(heard().indexOf(`crowd ${n} first`) < heard().indexOf(`crowd ${n} second`))
})

test('nobody loses the lease, and everything else works too', async () => {
  await untilMembers(scene.people.flat(), 'lobby', scene.people.flat())
  const all = scene.people.flat().map(({ id }) => id).sort()
  const end = Date.now() + 2 * LEASE
  while (Date.now() < end) {
    assert.deepEqual(await membersOf(scene.people[0][0], 'lobby'), all)
    await pause(100)
  }
  for (const node of cluster.nodes) assert.deepEqual(await troubles(node), [], 'slow is not wrong')
  await scene.isWell()
})
