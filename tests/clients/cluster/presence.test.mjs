// Who is in a room, over all nodes: every node tells the same, at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connect } from '../lib/client.mjs'
import { answer, done, member, membersOf, ok, untilMembers, useCluster, withCluster } from '../lib/cluster.mjs'
import { rawConnect } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2)

test('roomView counts and lists the members of all nodes with their details', async () => {
  const [a, b] = cluster.nodes
  const room = await cluster.freshRoom()
  const clients = [await member(a, room), await member(b, room), await member(b, room)]
  const [atA, atB] = await Promise.all([a, b].map(async node => (await done(node, 'well')).node))
  for (const client of clients) {
    const { data } = ok(await ask(client, 'roomView', room))
    assert.deepEqual(Object.keys(data.members), clients.map(({ id }) => id), 'in the order in which they came')
    assert.equal(data.membersCount, 3)
    const shown = Object.values(data.members)
    assert.deepEqual(shown.map(({ id }) => id), clients.map(({ id }) => id))
    assert.deepEqual(shown.map(({ node }) => node), [atA, atB, atB], 'what the application shows')
    for (const { joinedAt } of shown) assert.ok(Math.abs(Date.now() - joinedAt) < 60_000)
  }
  for (const node of [a, b]) assert.equal((await done(node, 'countMembers', { room })).number, 3)
})

test('who joins or leaves is seen by the other node with its next look', async () => {
  const room = await cluster.freshRoom()
  const [watcher, other] = [await member(cluster.nodes[0], room), await member(cluster.nodes[1])]
  for (let n = 0; n < 20; n++) {
    ok(await ask(other, 'roomAdd', room))
    assert.deepEqual(await membersOf(watcher, room), [watcher.id, other.id].sort())
    ok(await ask(other, 'roomLeave', room))
    assert.deepEqual(await membersOf(watcher, room), [watcher.id])
  }
})

test('who disconnects is gone everywhere', async () => {
  const room = await cluster.freshRoom()
  const watcher = await member(cluster.nodes[0], room)
  const [polite, rude] = [await member(cluster.nodes[1], room), await rawConnect(cluster.nodes[1])]
  await rude.ask({ event: 'roomAdd', room, messageId: 1 })
  await until('three are here', async () => (await membersOf(watcher, room)).length === 3)
  polite.disconnect()
  rude.destroy()
  await untilMembers([watcher], room, [watcher], 1_000)
})

test('hundreds who come and go at once on all nodes are counted right', async () => {
  const room = await cluster.freshRoom()
  const watchers = await Promise.all(cluster.nodes.map(node => member(node, room)))
  const crowd = await Promise.all(Array.from({ length: 60 }, (_, n) => rawConnect(cluster.nodes[n % 2])))
  const verbs = ['roomAdd', 'roomLeave', 'roomAdd', 'roomLeave', 'roomAdd']
  for (const one of crowd) {
    for (const [n, event] of verbs.entries()) one.send({ event, room, messageId: n })
  }
  const stay = crowd.slice(0, 30)
  for (const one of crowd.slice(30)) one.send({ event: 'roomLeave', room, messageId: 'last' })
  const ids = await Promise.all(stay.map(async one => (await answer(one, { event: 'detailsView' })).data.id))
  await untilMembers(watchers, room, [...watchers, ...ids])
  for (const one of crowd) one.destroy()
  await untilMembers(watchers, room, watchers)
})

test('at an orderly stop the members of a node are gone at once, not when its lease ends', async () => {
  await withCluster(2, { lease: 60_000 }, async ({ nodes, redis }) => {
    const stays = await member(nodes[0], 'lobby', 'hall')
    await Promise.all(Array.from({ length: 30 }, () => member(nodes[1], 'lobby')))
    const goes = await connect(nodes[1].url, { reconnect: { retries: 0 } })
    for (const room of ['lobby', 'hall']) ok(await ask(goes, 'roomAdd', room))
    assert.equal((await membersOf(stays, 'lobby')).length, 32)
    const { code } = await nodes[1].stop()
    assert.equal(code, 0)
    assert.deepEqual(await membersOf(stays, 'lobby'), [stays.id])
    assert.deepEqual(await membersOf(stays, 'hall'), [stays.id])
    await nodes[0].stop()
    // What remains is the list of rooms, not a trace of nodes or members.
    await until('nothing of the members remains', async () => {
      const keys = await redis.ask('KEYS', '*')
      return !(await Promise.all(keys.map(key => dump(redis, key)))).some(text => text.includes(stays.id))
    })
  })
})

/** What a key holds, as text, whatever it is. */
async function dump (redis, key) {
  const kind = await redis.ask('TYPE', key)
  const read = {
    string: ['GET', key], hash: ['HGETALL', key], set: ['SMEMBERS', key], zset: ['ZRANGE', key, 0, -1], list: ['LRANGE', key, 0, -1]
  }[kind]
  return `${key} ${read ? JSON.stringify(await redis.ask(...read)) : ''}`
}
