// Others on the same Redis: another application under another prefix, and whoever publishes what no node
// of ours would.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ask, record } from '../lib/client.mjs'
import { call, done, member, membersOf, ok, useCluster, withCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { Resp } from '../lib/resp.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2, { prefix: 'ours' })

test('two applications on one Redis know nothing of each other', async () => {
  for (const prefix of ['theirs', 'our', 'Ours', 'ours2', 'ours-cache', 'ours.topic']) {
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
      for (const key of ['whose', 'cache:whose', ':whose', '2:cache:whose']) {
        await done(own, 'keep', { key, value: 'ours' })
        assert.equal((await done(theirs, 'kept', { key: 'whose' })).value ?? null, null)
      }
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
    const people = scene.people.flat()
    const topics = await cluster.redis.ask('PUBSUB', 'CHANNELS', '*')
    assert.ok(topics.length >= 3, `${topics}`)

    // What nodes say to each other, with another first byte or cut short.
    const spied = []
    const spy = await Resp.open(cluster.redis)
    await spy.overhear('*', (topic, bytes) => spied.push([topic, bytes]))
    await scene.say(people[0], 'lobby', people)
    await done(cluster.nodes[0], 'detailsOf', { id: scene.people[1][0].id })
    await done(cluster.nodes[0], 'addRoom', { name: 'spied upon' })
    spy.close()
    assert.ok(spied.length >= 3, 'they were overheard')
    const heard = people.map(client => record(client, 'message'))
    for (const [topic, bytes] of spied) {
      for (const version of [0, 2, 3, 255]) {
        await cluster.redis.ask('PUBLISH', topic, Buffer.concat([Buffer.from([version]), bytes.subarray(1)]))
      }
      for (let end = 0; end < bytes.length; end += 1 + chance.below(10)) {
        await cluster.redis.ask('PUBLISH', topic, bytes.subarray(0, Math.min(end, 60)))
      }
    }
    for (const topic of topics) {
      for (const text of ['', 'PING', '{}', 'null', 'x'.repeat(1_000_000)]) await cluster.redis.ask('PUBLISH', topic, text)
      for (let n = 0; n < 100; n++) await cluster.redis.ask('PUBLISH', topic, randomBytes(1 + chance.below(300)))
    }
    for (const client of people) ok(await ask(client, 'detailsView'))
    assert.deepEqual(heard.map(list => list.filter(([, { context }]) => context !== 'response')), people.map(() => []))
    await scene.isWell()
  })
})
