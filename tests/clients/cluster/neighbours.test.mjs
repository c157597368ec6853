// Others on the same Redis: another application under another prefix, and whoever publishes what no node
// of ours would.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, record } from '../lib/client.mjs'
import { call, done, member, membersOf, ok, useCluster, withCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2, { prefix: 'ours' })

test('two applications on one Redis know nothing of each other', async () => {
  for (const prefix of ['theirs', 'our', 'ours:', 'ours*']) {
    const [theirs, own] = [await cluster.node({ prefix }), cluster.nodes[0]]
    try {
      const [a, b] = [await member(own, 'lobby'), await member(theirs, 'lobby')]
      const heard = [a, b].map(client => record(client, 'say'))
      for (const [client, text] of [[a, 'ours'], [b, 'theirs']]) ok(await ask(client, 'say', 'lobby', text))
      await until('each hears itself', () => heard.every(list => list.length > 0))
      for (const [client, others] of [[a, theirs], [b, own]]) {
        assert.deepEqual(await membersOf(client, 'lobby'), [client.id])
        assert.equal((await call(others, 'detailsOf', { id: client.id })).status, 404)
      }
      assert.equal((await done(own, 'addRoom', { name: `only ${prefix}` })).did, true)
      assert.equal((await done(theirs, 'addRoom', { name: `only ${prefix}` })).did, true)
      await done(own, 'keep', { key: 'whose', value: 'ours' })
      assert.equal((await done(theirs, 'kept', { key: 'whose' })).value ?? null, null)
      assert.deepEqual(heard.map(list => list.map(([, { message }]) => message)), [['ours'], ['theirs']])
      ok(await ask(a, 'roomLeave', 'lobby'))
    } finally {
      await theirs.stop()
    }
  }
})

test('a message of another version, or of none, is dropped and harms nobody', async t => {
  await withCluster(2, {}, async cluster => {
    const chance = dice(t)
    const scene = await Scene.on(cluster)
    const heard = scene.people.flat().map(client => record(client, 'message'))
    const topics = await cluster.redis.ask('PUBSUB', 'CHANNELS', '*')
    assert.ok(topics.length >= 4, `${topics}`)
    for (const topic of topics) {
      const samples = [Buffer.alloc(0), Buffer.from('PING'), Buffer.from('{}'), Buffer.from('null'), randomBytes(1_000_000)]
      for (let version = 0; version < 256; version++) {
        samples.push(Buffer.concat([Buffer.from([version]), randomBytes(chance.below(200))]))
      }
      for (const sample of samples) await cluster.redis.ask('PUBLISH', topic, sample)
    }
    await scene.say(scene.people[0][0], 'lobby', scene.people.flat())
    await pause(100)
    for (const list of heard) assert.ok(list.every(([, frame]) => /^\d+ in lobby$/.test(frame.message) || frame.status === 'OK'), JSON.stringify(list))
    await scene.isWell()
  })
})
