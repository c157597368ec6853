// Redis is there and refuses: it takes no writes, or wants another password. Nodes say so, do what they can,
// and heal when it lets them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { call, done, untilMembers, withCluster } from '../lib/cluster.mjs'
import { Scene } from '../lib/scene.mjs'

const LEASE = 1_500

/** What is refused, as the caller hears it. */
async function refusal (node, action, params) {
  const { status, json } = await call(node, action, params)
  assert.equal(status, 503, `${action}: ${JSON.stringify(json)}`)
  return json.error
}

/** Ways of taking no writes, with their ends and what an operator should read of them. */
const WAYS = {
  'it is out of memory': ['maxmemory', 1, 0, /memory|OOM/i],
  'it lacks its replicas': ['min-replicas-to-write', 1, 0, /replica/i]
}

for (const [way, [option, trouble, end, told]] of Object.entries(WAYS)) {
  test(`no writes, as ${way}: chat goes on, the rest is refused, and afterwards all is well`, async () => {
    await withCluster(2, { lease: LEASE }, async cluster => {
      const scene = await Scene.on(cluster)
      await cluster.redis.set(option, trouble)
      for (const [n, node] of cluster.nodes.entries()) {
        for (const [action, params] of [['keep', { key: 'k', value: n }], ['addRoom', { name: `made ${n}` }]]) {
          assert.match(await refusal(node, action, params), /^engine_away: .*try again/)
        }
        assert.equal((await done(node, 'kept', { key: 'shared' })).value > 0, true, 'reading goes on')
      }
      await scene.tells(told)
      await pause(2 * LEASE)
      await scene.goesOn()
      for (const [speaker] of scene.people) await scene.say(speaker, 'lobby', scene.people.flat())
      await cluster.redis.set(option, end)
      await scene.heals()
    })
  })
}

test('another password from now on: as if it were away, and told as what it is', async () => {
  await withCluster(2, { lease: LEASE, redis: { password: 'first' } }, async cluster => {
    const scene = await Scene.on(cluster)
    await cluster.redis.set('requirepass', 'second')
    await cluster.redis.cutClients()
    const said = await scene.tells(/password|WRONGPASS/i)
    for (const text of said) assert.doesNotMatch(text, /first|second/, 'and the password itself is not told')
    await scene.goesOn()
    await scene.refuses()
    await scene.refusesChat()
    await cluster.redis.set('requirepass', 'first')
    await scene.heals()
    for (const node of cluster.nodes) assert.doesNotMatch(node.log, /first/, 'nor logged')
  })
})

test('reading only what members see: a node that lost its lease is back with its members at once', async () => {
  await withCluster(2, { lease: LEASE }, async cluster => {
    const scene = await Scene.on(cluster)
    const all = scene.people.flat()
    await cluster.redis.set('min-replicas-to-write', 1)
    await untilMembers(all.slice(0, 1), 'lobby', [], 2 * LEASE)
    await cluster.redis.set('min-replicas-to-write', 0)
    await untilMembers(all, 'lobby', all, 2 * LEASE)
    await scene.heals()
  })
})
