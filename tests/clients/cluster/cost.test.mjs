// What chat costs Redis, counted by Redis itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../lib/client.mjs'
import { crowd, member, ok, useCluster } from '../lib/cluster.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2)

/** The topics that nodes listen to for a room, each with the number of nodes. */
async function listeners (room) {
  const topics = (await cluster.redis.ask('PUBSUB', 'CHANNELS', '*')).filter(topic => topic.includes(room))
  const counted = topics.length ? await cluster.redis.ask('PUBSUB', 'NUMSUB', ...topics) : []
  return counted.filter((_, n) => n % 2 === 1)
}

test('one subscription for a room and node, however many members, and none without members', async () => {
  const room = await cluster.freshRoom()
  assert.deepEqual(await listeners(room), [])
  const people = [await crowd(cluster.nodes[0], 20, room), await crowd(cluster.nodes[1], 20, room)]
  assert.deepEqual(await listeners(room), [2])
  for (const one of people[1]) one.destroy()
  await until('one node listens', async () => String(await listeners(room)) === '1')
  for (const one of people[0]) one.destroy()
  await until('nobody listens', async () => (await listeners(room)).length === 0)
})

test('one command for a message, however many hear it', async () => {
  const room = await cluster.freshRoom()
  const speaker = await member(cluster.nodes[0], room)
  const people = [await crowd(cluster.nodes[0], 20, room), await crowd(cluster.nodes[1], 20, room)].flat()
  await cluster.redis.ask('CONFIG', 'RESETSTAT')
  for (let n = 0; n < 100; n++) ok(await ask(speaker, 'say', room, `${n}`))
  await until('all have heard all', () => people.every(one => one.texts.length === 100))
  const calls = await cluster.redis.calls()
  assert.equal(calls.publish, 100, JSON.stringify(calls))
})
