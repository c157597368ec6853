// The demo's actions over the websocket: what they answer, what they refuse, and how replies are
// matched with calls.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'

const demo = useDemo()
const UNKNOWN = 'unknown action or invalid apiVersion'

/** Calls an action and gives its reply without `context` and `messageId`, which are checked here. */
async function run (client, name, params = {}) {
  const { context, messageId, ...reply } = await ask(client, 'action', name, { ...params })
  assert.equal(context, 'response')
  assert.ok(messageId)
  return reply
}

async function fails (client, name, params, error) {
  assert.deepEqual(await run(client, name, params), { error })
}

test('status', async () => {
  const reply = await run(await connect(demo.url), 'status')
  assert.deepEqual(Object.keys(reply), ['id', 'actionheroVersion', 'name', 'description', 'version', 'uptime',
    'consumedMemoryMB', 'resqueTotalQueueLength', 'nodeStatus', 'problems'])
  assert.equal(typeof reply.id, 'string')
  assert.ok(reply.uptime >= 0)
  assert.ok(reply.consumedMemoryMB > 0)
  assert.equal(reply.resqueTotalQueueLength, 0)
  assert.equal(reply.nodeStatus, 'Node Healthy')
  assert.deepEqual(reply.problems, [])
})

test('randomNumber', async () => {
  const reply = await run(await connect(demo.url), 'randomNumber')
  assert.deepEqual(Object.keys(reply), ['randomNumber', 'stringRandomNumber'])
  assert.ok(reply.randomNumber >= 0 && reply.randomNumber < 1)
  assert.equal(reply.stringRandomNumber, `Your random number is ${reply.randomNumber}`)
})

test('cacheTest stores, reads and deletes', async () => {
  const a = await connect(demo.url)
  const { cacheTestResults } = await run(a, 'cacheTest', { key: 'abc', value: 'def é' })
  const { createdAt, ...loadResp } = cacheTestResults.loadResp
  assert.ok(Math.abs(Date.now() - createdAt) < 60_000)
  assert.deepEqual({ ...cacheTestResults, loadResp }, {
    saveResp: true, sizeResp: 1, loadResp: { key: 'cacheTest_abc', value: 'def é' }, deleteResp: true
  })
})

test('cacheTest turns its inputs into text', async () => {
  const a = await connect(demo.url)
  const key = async given => (await run(a, 'cacheTest', { key: given, value: 'xyz' })).cacheTestResults.loadResp.key
  assert.equal(await key(123), 'cacheTest_123')
  assert.equal(await key(true), 'cacheTest_true')
  assert.equal(await key({ a: 1 }), 'cacheTest_[object Object]')
  assert.equal(await key(['abc', 'def']), 'cacheTest_abc,def')
  assert.equal(await key('😀a'), 'cacheTest_😀a', 'three UTF-16 units are enough')
})

test('cacheTest names the first thing that is wrong; missing beats invalid', async () => {
  const a = await connect(demo.url)
  await fails(a, 'cacheTest', {}, 'key is a required parameter for this action')
  await fails(a, 'cacheTest', { key: 'abc' }, 'value is a required parameter for this action')
  await fails(a, 'cacheTest', { key: 'abc', value: '' }, 'value is a required parameter for this action')
  await fails(a, 'cacheTest', { key: 'a' }, 'value is a required parameter for this action')
  await fails(a, 'cacheTest', { key: 'a', value: 'b' }, 'inputs should be at least 3 letters long')
  await fails(a, 'cacheTest', { key: 12, value: 'abc' }, 'inputs should be at least 3 letters long')
})

test('sleepTest sleeps as long as asked', async () => {
  const a = await connect(demo.url)
  const reply = await run(a, 'sleepTest', { sleepDuration: 60 })
  assert.deepEqual(Object.keys(reply), ['sleepStarted', 'sleepEnded', 'sleepDelta', 'sleepDuration'])
  assert.equal(reply.sleepDuration, 60)
  assert.equal(reply.sleepDelta, reply.sleepEnded - reply.sleepStarted)
  assert.ok(reply.sleepDelta >= 59, `slept ${reply.sleepDelta} ms`)
  assert.equal((await run(a, 'sleepTest', { sleepDuration: '20' })).sleepDuration, 20)
  assert.equal((await run(a, 'sleepTest', { sleepDuration: '20ms' })).sleepDuration, 20)
  const odd = await run(a, 'sleepTest', { sleepDuration: 'long' })
  assert.equal(odd.sleepDuration, null)
  assert.ok(odd.sleepDelta < 1_000)
})

test('createChatRoom makes a room once', async () => {
  const a = await connect(demo.url)
  const name = `made by ${process.pid}`
  assert.deepEqual(await run(a, 'createChatRoom', { name }), { name, didCreate: true })
  assert.deepEqual(await run(a, 'createChatRoom', { name }), { name, didCreate: false })
  assert.equal((await ask(a, 'roomAdd', name)).status, 'OK')
  await fails(a, 'createChatRoom', {}, 'name is a required parameter for this action')
})

test('validationTest', async () => {
  const a = await connect(demo.url)
  assert.deepEqual(await run(a, 'validationTest', { string: 'hello' }), { string: 'hello' })
  await fails(a, 'validationTest', {}, 'string is a required parameter for this action')
  await fails(a, 'validationTest', { string: 5 }, 'Input for parameter "string" failed validation!')
  await fails(a, 'validationTest', { string: 'x', number: 123 }, 'Failed formatting number correctly!')
  await fails(a, 'validationTest', { string: 'x', number: 5 }, 'Param number is not a valid number!')
})

test('recursiveAction runs another action', async () => {
  const reply = await run(await connect(demo.url), 'recursiveAction')
  assert.equal(reply.local, true)
  assert.ok(reply.randomNumber >= 0 && reply.randomNumber < 1)
  assert.match(reply.stringRandomNumber, /^Your random number is 0\.\d+/)
})

test('sendFile answers by itself, with a file', async () => {
  const a = await connect(demo.url)
  const reply = await ask(a, 'action', 'sendFile')
  assert.equal(reply.mime, 'image/png')
  assert.ok(reply.length > 0)
  assert.equal(typeof reply.content, 'string')
  assert.equal(reply.context, 'response')
})

test('echo answers what it got', async () => {
  const a = await connect(demo.url)
  const reply = await run(a, 'echo', { p: 'hello' })
  assert.deepEqual([reply.p, reply.len], ['hello', 5])
})

test('unknown names are unknown, whatever they look like', async () => {
  const a = await connect(demo.url)
  for (const name of ['noSuchAction', '', 5, null, true, ['status'], { name: 'status' }, 'toString', '__proto__', 'constructor', 'STATUS']) {
    await fails(a, name, {}, UNKNOWN)
  }
})

test('versions: none means the highest, 1 and "1" are the same', async () => {
  const a = await connect(demo.url)
  for (const apiVersion of [undefined, 1, '1', 0, '', null, false]) {
    assert.ok('randomNumber' in await run(a, 'randomNumber', { apiVersion }), `apiVersion ${apiVersion}`)
  }
  for (const apiVersion of [2, '2', 'x', '__proto__', {}, [2]]) await fails(a, 'randomNumber', { apiVersion }, UNKNOWN)
})

test('the caller may choose its own messageId, of any type', async () => {
  const a = await connect(demo.url)
  const reply = await ask(a, 'action', 'randomNumber', { messageId: 'my-id' })
  assert.equal(reply.messageId, 'my-id')
  const heard = new Promise(resolve => {
    a.on('message', frame => { if (Array.isArray(frame.messageId)) resolve(frame.messageId) })
  })
  a.action('randomNumber', { messageId: ['a', { b: 1 }] }, () => {})
  assert.deepEqual(await heard, ['a', { b: 1 }])
})

test('nothing is carried over from one call to the next', async () => {
  const a = await connect(demo.url)
  await run(a, 'cacheTest', { key: 'abc', value: 'def' })
  await fails(a, 'cacheTest', {}, 'key is a required parameter for this action')
  const { data } = await ask(a, 'detailsView')
  assert.deepEqual(data.params, {})
  assert.deepEqual([data.totalActions, data.pendingActions], [2, 0])
})

test('a later call may be answered earlier', async () => {
  const a = await connect(demo.url)
  const order = []
  await Promise.all([
    run(a, 'sleepTest', { sleepDuration: 200 }).then(() => order.push('slow')),
    run(a, 'randomNumber').then(() => order.push('quick'))
  ])
  assert.deepEqual(order, ['quick', 'slow'])
})
