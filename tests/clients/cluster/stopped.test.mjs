// A node that stands still for longer than its lease, as a machine does that sleeps or swaps: it is taken
// for dead, and when it wakes its connections are members again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, record } from '../lib/client.mjs'
import { ROUNDS, crowd, member, membersOf, ok, untilMembers, useCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { until } from '../lib/wait.mjs'

const LEASE = 1_000
const cluster = useCluster(2, { lease: LEASE })

function texts (seen) {
  return seen.map(([, { message }]) => message)
}

test('past its lease it is taken for dead; when it wakes there are no ghosts and no doubles', async t => {
  const chance = dice(t)
  const here = await member(cluster.nodes[0], 'lobby')
  const there = await member(cluster.nodes[1], 'lobby')
  const node = cluster.nodes[1]
  for (let round = 1; round <= Math.ceil(ROUNDS / 4); round++) {
    const sleepers = await crowd(cluster.nodes[1], 20, 'lobby')
    const [stay, go] = [sleepers.slice(0, 15), sleepers.slice(15)]
    await untilMembers([here, there], 'lobby', [here, there, ...sleepers])
    await pause(chance.below(LEASE / 3))
    await node.freeze()
    try {
      await untilMembers([here], 'lobby', [here], LEASE + 700)
      for (const one of go) one.destroy()
      ok(await ask(here, 'say', 'lobby', `${round}: while it sleeps`))
      await pause(chance.below(LEASE))
    } finally {
      node.thaw()
    }
    await untilMembers([here, there], 'lobby', [here, there, ...stay])
    assert.ok(stay.every(one => !one.gone), 'nobody of them was disconnected')

    const heard = [here, there].map(client => record(client, 'say'))
    ok(await ask(here, 'say', 'lobby', `${round}: good morning`))
    ok(await ask(there, 'say', 'lobby', `${round}: what time is it?`))
    await until('both hear both', () => heard.every(list =>
      texts(list).filter(text => text.startsWith(`${round}: `)).length >= 2))
    for (const list of heard) {
      const awake = texts(list).filter(text => !text.endsWith('while it sleeps'))
      assert.deepEqual(awake.sort(), [`${round}: good morning`, `${round}: what time is it?`], 'once each')
    }
    for (const one of stay) one.destroy()
    await untilMembers([here, there], 'lobby', [here, there])
  }
  for (const client of [here, there]) ok(await ask(client, 'roomLeave', 'lobby'))
})

test('what was said meanwhile is heard late or not at all, but in order and once', async () => {
  const [here, there] = await Promise.all(cluster.nodes.map(node => member(node, 'hall')))
  const heard = record(there, 'say')
  const node = cluster.nodes[1]
  await node.freeze()
  try {
    const end = Date.now() + 2 * LEASE
    for (let n = 0; Date.now() < end; n++) ok(await ask(here, 'say', 'hall', `${n}`))
  } finally {
    node.thaw()
  }
  await untilMembers([here, there], 'hall', [here, there])
  ok(await ask(here, 'say', 'hall', 'end'))
  await until('the end is heard', () => texts(heard).includes('end'))
  const numbers = texts(heard).slice(0, -1).map(Number)
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b))
  assert.equal(texts(heard).at(-1), 'end')
  for (const client of [here, there]) ok(await ask(client, 'roomLeave', 'hall'))
})

test('a nap within the lease is not noticed', async () => {
  const [here, there] = await Promise.all(cluster.nodes.map(node => member(node, 'attic')))
  const node = cluster.nodes[1]
  for (let n = 0; n < 3; n++) {
    await node.freeze()
    await pause(LEASE / 4)
    node.thaw()
    assert.deepEqual(await membersOf(here, 'attic'), [here.id, there.id].sort())
    assert.deepEqual(await membersOf(there, 'attic'), [here.id, there.id].sort())
    await pause(LEASE / 2)
  }
})
