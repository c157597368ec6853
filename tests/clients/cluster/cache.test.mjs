// One cache for all nodes: what one keeps, the other finds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, done, useCluster } from '../lib/cluster.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2)

async function kept (node, key) {
  return (await done(node, 'kept', { key })).value ?? null
}

test('a value kept on one node is read on the other', async () => {
  const [a, b] = cluster.nodes
  const values = ['text', 5, true, [1, 'two', null], { deep: { é: '漢😀' } }, 'x'.repeat(500_000)]
  for (const [n, value] of values.entries()) {
    await done(a, 'keep', { key: `value ${n}`, value })
    assert.deepEqual(await kept(b, `value ${n}`), value)
    await done(b, 'keep', { key: `value ${n}`, value: 'changed' })
    assert.equal(await kept(a, `value ${n}`), 'changed')
    assert.equal((await done(a, 'dropIt', { key: `value ${n}` })).did, true)
    assert.equal((await done(b, 'dropIt', { key: `value ${n}` })).did, false)
    assert.equal(await kept(b, `value ${n}`), null)
  }
})

test('a value that expires is gone on both at once', async () => {
  const [a, b] = cluster.nodes
  const kept300 = performance.now()
  await done(a, 'keep', { key: 'brief', value: 1, ms: 300 })
  await done(a, 'keep', { key: 'long', value: 2, ms: 60_000 })
  assert.equal(await kept(b, 'brief'), 1)
  await until('it is gone', async () => await kept(b, 'brief') === null, 1_000)
  assert.ok(performance.now() - kept300 >= 290, 'not before its time')
  assert.equal(await kept(a, 'brief'), null)
  assert.equal(await kept(b, 'long'), 2)
})

test('increments from both nodes at once lose nothing', async () => {
  const sums = await Promise.all(Array.from({ length: 100 }, async (_, n) =>
    (await done(cluster.nodes[n % 2], 'count', { key: 'visits' })).number))
  assert.deepEqual(sums.sort((a, b) => a - b), Array.from({ length: 100 }, (_, n) => n + 1))
  assert.equal((await done(cluster.nodes[0], 'count', { key: 'visits', by: -101 })).number, -1)
  await done(cluster.nodes[0], 'keep', { key: 'word', value: 'ten' })
  assert.notEqual((await call(cluster.nodes[1], 'count', { key: 'word' })).status, 200)
  assert.equal(await kept(cluster.nodes[0], 'word'), 'ten')
})

test('a lock has one holder, whichever node they ask, until it is given back or its time is over', async () => {
  const take = async (n, token, ms) => (await done(cluster.nodes[n % 2], 'lock', { name: 'door', token, ms })).did
  const give = async (n, token) => (await done(cluster.nodes[n % 2], 'unlock', { name: 'door', token })).did
  const got = await Promise.all(Array.from({ length: 40 }, (_, n) => take(n, `token ${n}`, 60_000)))
  const holders = got.flatMap((did, n) => did ? [n] : [])
  assert.equal(holders.length, 1, `the holders are ${holders}`)
  const [holder] = holders
  assert.equal(await take(holder + 1, `token ${holder}`, 60_000), true, 'the holder prolongs it from the other node')
  assert.equal(await give(holder, 'somebody else'), false)
  assert.equal(await take(holder, 'somebody else', 60_000), false)
  assert.equal(await give(holder + 1, `token ${holder}`), true)
  assert.equal(await take(0, 'brief', 300), true)
  await until('its time is over', () => take(1, 'next', 300), 1_000)
  assert.equal(await give(0, 'brief'), false)
})
