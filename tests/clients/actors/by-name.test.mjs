// Actors addressed by name and key in the path and query of the gateway, as RivetKit 2.3 does it.

import assert from 'node:assert/strict'
import { byHand } from '../lib/actors/each.mjs'
import { idOf } from '../lib/actors/management.mjs'
import { request } from '../lib/http.mjs'

byHand('rivetkit', use => {
  const word = () => use.key()[0]

  /** The query that names an actor; a space is a plus in it. */
  const query = fields => new URLSearchParams(Object.entries({ namespace: 'default', runner: 'default', ...fields })
    .map(([name, value]) => [`rvt-${name}`, value]))

  const post = (rest, fields, { body = '{"args":[]}', name = 'counter', more = '' } = {}) =>
    request(use.server, 'POST', `/gateway/${name}${rest}?${more}${query(fields)}`, { body })

  const call = async (action, fields, ...args) => (await post(`/action/${action}`, fields, { body: JSON.stringify({ args }) })).json

  use.test('an actor is made, and is the one of the other notation', async () => {
    const [a, b] = [word(), 'b c']
    assert.deepEqual(await call('increment', { method: 'getOrCreate', key: `${a},${b}` }, 4), { output: 4 })
    assert.deepEqual(await call('getCount', { method: 'get', key: `${a},${b}` }), { output: 4 })
    const id = await idOf(use.server, 'counter', `${a}/${b}`)
    const { json } = await request(use.server, 'POST', `/gateway/${id}/action/getCount`, { body: '{"args":[]}' })
    assert.deepEqual(json, { output: 4 })
  })

  use.test('a part with a slash is one part', async () => {
    const a = word()
    await call('increment', { method: 'getOrCreate', key: `${a}/b` })
    const id = await idOf(use.server, 'counter', `${a}\\/b`)
    const { json } = await request(use.server, 'POST', `/gateway/${id}/action/getCount`, { body: '{"args":[]}' })
    assert.deepEqual(json, { output: 1 })
  })

  use.test('without a key it is the empty key', async () => {
    await call('increment', { method: 'getOrCreate' })
    const { output } = await call('getCount', { method: 'get' })
    const id = await idOf(use.server, 'counter', '/')
    const { json } = await request(use.server, 'POST', `/gateway/${id}/action/getCount`, { body: '{"args":[]}' })
    assert.deepEqual(json, { output })
  })

  use.test('get of what is not there', async () => {
    const { status, json } = await post('/action/getCount', { method: 'get', key: word() })
    assert.deepEqual([status, json.group, json.code], [404, 'actor', 'not_found'])
  })

  use.test('a name that nobody has registered, and a method that nobody knows', async () => {
    const unknown = await post('/action/getCount', { method: 'getOrCreate', key: word() }, { name: 'noSuchActor' })
    assert.deepEqual([unknown.status, unknown.json.group, unknown.json.code], [400, 'actor', 'unknown_actor'])
    const method = await post('/action/getCount', { method: 'destroy', key: word() })
    assert.deepEqual([method.status, method.json.group, method.json.code], [400, 'request', 'invalid'])
  })

  use.test('the input counts for the call that makes the actor', async () => {
    const key = word()
    // {"start":10} as CBOR, in base64url without padding.
    const input = Buffer.from('a16573746172740a', 'hex').toString('base64url')
    const all = { method: 'getOrCreate', key, input, 'crash-policy': 'sleep', region: 'moon', token: 't', 'skip-ready-wait': 'true' }
    assert.deepEqual(await call('getCount', all), { output: 10 })
    const other = Buffer.from('a16573746172740b', 'hex').toString('base64url')
    assert.deepEqual(await call('getCount', { ...all, input: other }), { output: 10 }, 'it is there already')
    const { status, json } = await post('/action/getCount', { ...all, key: word(), input: '***' })
    assert.deepEqual([status, json.group], [400, 'request'])
  })

  use.test('raw HTTP sees nothing of the address', async () => {
    const { status, headers, body } = await post('/request/echo', { method: 'getOrCreate', key: word() }, { body: 'text', more: 'q=a+b%26c&' })
    assert.deepEqual([status, headers['x-demo'], body], [201, 'a b&c', 'text'])
  })

  use.test('a websocket', async () => {
    const seat = await use.seat(`/gateway/counter/connect?${query({ method: 'getOrCreate', key: word() })}`, { encoding: 'bare' })
    assert.equal((await seat.next()).tag, 'Init')
    assert.deepEqual(await seat.ask(0, 'increment', 2), { tag: 'ActionResponse', id: 0n, output: 2 })
  })

  use.test('a websocket to what is not there', async () => {
    const seat = await use.seat(`/gateway/counter/connect?${query({ method: 'get', key: word() })}`, { encoding: 'json' })
    const { tag, group, code } = await seat.next()
    assert.deepEqual([tag, group, code], ['Error', 'actor', 'not_found'])
    assert.deepEqual(await seat.closed(), { code: 1011, reason: 'actor.not_found' })
  })
})
