// The demo on two nodes, by configuration alone: `engine = "redis"` and the address of one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRIMUS, ask, connect, record } from '../lib/client.mjs'
import { done, ok, untilMembers, useCluster } from '../lib/cluster.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2, { app: 'demo', timeout: 500 })

test('chat in a room that one of them made, with all three clients', async () => {
  const [a, b] = cluster.nodes
  assert.equal((await done(a, 'createChatRoom', { name: 'new' })).didCreate, true)
  assert.equal((await done(b, 'createChatRoom', { name: 'new' })).didCreate, false)
  const clients = await Promise.all([a, b].flatMap(node => PRIMUS.map(primus => connect(node.url, { primus }))))
  for (const client of clients) ok(await ask(client, 'roomAdd', 'new'))
  await untilMembers(clients, 'new', clients)
  const heard = clients.map(client => record(client, 'say'))
  for (const [n, client] of clients.entries()) {
    ok(await ask(client, 'say', 'new', `from ${n}`))
    await until('all have heard it', () => heard.every(list => list.length === n + 1))
  }
  for (const list of heard) assert.deepEqual(list, heard[0])
  assert.deepEqual(heard[0].map(([, { from }]) => from), clients.map(({ id }) => id))
})

test('cacheTest on both', async () => {
  for (const node of cluster.nodes) {
    const { cacheTestResults } = await done(node, 'cacheTest', { key: 'abc', value: 'def' })
    assert.equal(cacheTestResults.loadResp.value, 'def')
    assert.deepEqual([cacheTestResults.saveResp, cacheTestResults.sizeResp, cacheTestResults.deleteResp], [true, 1, true])
  }
})

test('status tells while Redis is away, and what was missed when it is back', async () => {
  const status = () => Promise.all(cluster.nodes.map(node => done(node, 'status')))
  for (const { nodeStatus, problems } of await status()) {
    assert.deepEqual([nodeStatus, problems], ['Node Healthy', []])
  }
  await cluster.redis.kill()
  await until('both are unhealthy', async () => (await status()).every(({ nodeStatus }) => nodeStatus === 'Node Unhealthy'))
  for (const { problems } of await status()) assert.match(problems.join(), /redis/i)
  await cluster.redis.begin()
  // That messages may have been missed is told for a minute.
  await until('nothing else is wrong', async () => (await status()).every(({ problems }) =>
    problems.every(text => text.includes('may have missed'))), 10_000)
})
