// The list of rooms is one: what is made or removed on one node is there or gone on all within a second.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connect, record } from '../lib/client.mjs'
import { ROUNDS, done, member, membersOf, ok, roomNames, untilRoom, useCluster } from '../lib/cluster.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2)
const DELETED = 'this room has been deleted'

function texts (seen) {
  return seen.map(([, { message }]) => message)
}

test('a room made on one node is there on the other, where it can not be made again', async () => {
  const [a, b] = cluster.nodes
  for (const [n, [here, there]] of [[a, b], [b, a], [a, b]].entries()) {
    const name = `made ${n}`
    assert.equal((await done(here, 'addRoom', { name })).did, true)
    await untilRoom(there, name)
    assert.equal((await done(there, 'addRoom', { name })).did, false)
    assert.equal((await done(here, 'addRoom', { name })).did, false)
    const client = await member(there, name)
    assert.deepEqual(await membersOf(client, name), [client.id])
  }
})

test('of two nodes that make a room at once, one is told that it is new', async () => {
  for (let n = 0; n < ROUNDS; n++) {
    const did = await Promise.all([0, 1, 0, 1].map(async at =>
      (await done(cluster.nodes[at], 'addRoom', { name: `race ${n}` })).did))
    assert.equal(did.filter(Boolean).length, 1, `${did}`)
    for (const node of cluster.nodes) await untilRoom(node, `race ${n}`)
  }
})

test('a room removed on one node is gone on the other, and its members on both are told', async () => {
  for (const remover of [0, 1]) {
    const name = `removed ${remover}`
    await cluster.addRoom(name)
    const clients = await Promise.all([0, 1, 0, 1].map(at => member(cluster.nodes[at], name)))
    const heard = clients.map(client => record(client, 'say'))
    assert.equal((await done(cluster.nodes[remover], 'removeRoom', { name })).did, true)
    for (const node of cluster.nodes) await untilRoom(node, name, false)
    await until('all are told', () => heard.every(list => list.length > 0), 1_000)
    for (const client of clients) {
      assert.equal((await ask(client, 'say', name, 'x')).error, `Error: connection not in this room (${name})`)
      assert.equal((await ask(client, 'roomAdd', name)).error, 'Error: room does not exist')
      assert.deepEqual(ok(await ask(client, 'detailsView')).data.rooms, [])
    }
    for (const list of heard) assert.deepEqual(texts(list), [DELETED], 'once')
    for (const node of cluster.nodes) assert.equal((await done(node, 'removeRoom', { name })).did, false)
  }
})

test('a room made anew after its removal has none of its old members', async () => {
  const [a, b] = await Promise.all(cluster.nodes.map(node => connect(node.url)))
  for (let n = 0; n < Math.ceil(ROUNDS / 4); n++) {
    const [here, there] = n % 2 ? cluster.nodes : [...cluster.nodes].reverse()
    assert.equal((await done(here, 'addRoom', { name: 'phoenix' })).did, true)
    await untilRoom(there, 'phoenix')
    for (const client of [a, b]) ok(await ask(client, 'roomAdd', 'phoenix'))
    assert.deepEqual(await membersOf(a, 'phoenix'), [a.id, b.id].sort())
    await done(there, 'removeRoom', { name: 'phoenix' })
    await untilRoom(here, 'phoenix', false)
    for (const client of [a, b]) {
      await until('the client is out', async () => ok(await ask(client, 'detailsView')).data.rooms.length === 0)
    }
  }
  await cluster.addRoom('phoenix')
  ok(await ask(b, 'roomAdd', 'phoenix'))
  assert.deepEqual(await membersOf(b, 'phoenix'), [b.id])
})

test('a node that comes later knows the rooms that were made before', async () => {
  await done(cluster.nodes[0], 'addRoom', { name: 'before its time' })
  await done(cluster.nodes[0], 'removeRoom', { name: 'attic' })
  const late = await cluster.node()
  try {
    assert.ok((await roomNames(late)).includes('before its time'))
    const [client, other] = [await member(late, 'before its time'), await member(cluster.nodes[1], 'before its time')]
    assert.deepEqual(await membersOf(other, 'before its time'), [client.id, other.id].sort())
    // Its own starting rooms it makes anew: `attic` is there again for all.
    for (const node of [late, ...cluster.nodes]) await untilRoom(node, 'attic')
  } finally {
    await late.stop()
  }
})
