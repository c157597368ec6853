// actor-core by hand: the manager, calls over HTTP, the frames of a websocket, and a stream of events with its posts.

import assert from 'node:assert/strict'
import { byHand } from '../lib/actors/each.mjs'
import { tagsOf } from '../lib/actors/actor-core.mjs'
import { get, request, sendJson } from '../lib/http.mjs'
import { Stream } from '../lib/actors/stream.mjs'
import { until } from '../lib/wait.mjs'

const ALICE = `&params=${encodeURIComponent('{"username":"alice","token":"letmein"}')}`

byHand('actor-core', use => {
  const ask = query => sendJson(use.server, 'POST', '/manager/actors', { query })
  const reach = (name, key = use.key(), create = true) => {
    const tags = tagsOf(name, key)
    return ask({ getOrCreateForTags: { tags, ...create && { create: { tags } } } })
  }

  /** The path of an actor of its own. */
  async function pathOf (name) {
    const { json, body } = await reach(name)
    assert.ok(json.endpoint, body)
    return new URL(json.endpoint).pathname
  }

  /** A websocket whose frames are objects. */
  async function seated (name, query = '') {
    const seat = await use.seat(`${await pathOf(name)}/connect/websocket?encoding=json${query}`, { protocols: [] })
    const next = async () => JSON.parse(String((await seat.raw()).data)).b
    return { seat, next, init: (await next()).i, send: (key, value) => seat.send(JSON.stringify({ b: { [key]: value } })) }
  }

  async function streamed (name, query = '') {
    const path = await pathOf(name)
    const stream = use.keep(await Stream.open(use.server, `${path}/connect/sse?encoding=json${query}`))
    const { ci, ct } = JSON.parse(await stream.next()).b.i
    const post = (body, { id = ci, token = ct } = {}) => request(use.server, 'POST',
      `${path}/connections/${id}/message?encoding=json&connectionToken=${encodeURIComponent(token)}`, { body: JSON.stringify({ b: body }) })
    return { stream, path, id: ci, token: ct, post, next: async () => JSON.parse(await stream.next()).b }
  }

  use.test('the manager names an absolute address, by the Host of the request', async () => {
    const { status, json } = await reach('counter')
    assert.equal(status, 200)
    assert.ok(json.endpoint.startsWith(`http://${use.server.host}/actors/`), json.endpoint)
    assert.deepEqual(json.supportedTransports, ['websocket', 'sse'])
    const elsewhere = await request(use.server, 'POST', '/manager/actors', {
      body: { query: { create: { tags: { name: 'counter' } } } }, headers: { 'content-type': 'application/json', host: 'proxy.example:81' }
    })
    assert.ok(elsewhere.json.endpoint.startsWith('http://proxy.example:81/actors/'), elsewhere.body)
  })

  use.test('the same tags reach the same actor, some of them suffice, and create makes another', async () => {
    const key = use.key()
    const first = (await reach('counter', key)).json.endpoint
    assert.equal((await reach('counter', key)).json.endpoint, first)
    const made = await ask({ create: { tags: { ...tagsOf('counter', key), more: 'x' } } })
    assert.notEqual(made.json.endpoint, first)
    assert.equal((await reach('counter', key, false)).json.endpoint, first, 'the oldest')
    const some = await ask({ getOrCreateForTags: { tags: { name: 'counter', more: 'x', key: JSON.stringify(key) } } })
    assert.equal(some.json.endpoint, made.json.endpoint)
    const id = first.split('/').pop()
    assert.equal((await ask({ getForId: { actorId: id } })).json.endpoint, first)
  })

  use.test('what is not there, and a name that nobody has registered', async () => {
    const missing = await reach('counter', use.key(), false)
    assert.deepEqual([missing.status, missing.json.code], [404, 'actor_not_found'])
    const made = await ask({ getForId: { actorId: 'made up' } })
    assert.deepEqual([made.status, made.json.code], [404, 'actor_not_found'])
    const unknown = await reach('noSuchActor')
    assert.deepEqual([unknown.status, unknown.json.code], [400, 'unknown_actor'])
  })

  use.test('questions that are none', async () => {
    const none = [
      {}, 7, { create: {} }, { create: { tags: { k: 'no name' } } }, { getForId: {} }, { getOrCreateForTags: { tags: { name: 7 } } }
    ]
    for (const query of none) {
      const { status, json } = await ask(query)
      assert.ok(status === 400 || status === 404, `${status} for ${JSON.stringify(query)}`)
      assert.equal(typeof json.code, 'string')
    }
  })

  use.test('a call over HTTP', async () => {
    const path = await pathOf('counter')
    const call = (name, ...args) => sendJson(use.server, 'POST', `${path}/rpc/${name}`, { a: args })
    const good = await call('increment', 5)
    assert.deepEqual([good.status, good.json], [200, { o: 5 }])
    const user = await call('fail', 'user')
    assert.deepEqual([user.status, user.json], [400, { c: 'insufficient_funds', m: 'insufficient funds', md: { needed: 5, have: 2 } }])
    const crash = await call('fail', 'crash')
    assert.deepEqual([crash.status, crash.json.c, crash.json.md], [500, 'internal_error', {}])
    assert.equal((await call('noSuchAction')).json.c, 'rpc_not_found')
    assert.equal((await get(use.server, `${path}/health`)).body, 'ok')
  })

  use.test('the frames of a websocket; ids are plain numbers', async () => {
    const { init, send, next } = await seated('counter')
    assert.match(init.ci, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    assert.ok(Buffer.from(init.ct, 'base64').length >= 32)
    send('sr', { e: 'newCount', s: true })
    send('rr', { i: 0, n: 'increment', a: [1] })
    assert.deepEqual(await next(), { ev: { n: 'newCount', a: [1] } })
    assert.deepEqual(await next(), { ro: { i: 0, o: 1 } })
    send('rr', { i: 1, n: 'nothing', a: [] })
    assert.deepEqual(await next(), { ro: { i: 1, o: null } })
    send('rr', { i: 2, n: 'fail', a: ['user'] })
    assert.deepEqual(await next(), { re: { i: 2, c: 'insufficient_funds', m: 'insufficient funds', md: { needed: 5, have: 2 } } })
  })

  use.test('ids are numbers in CBOR too, as short as can be', async () => {
    const seat = await use.seat(`${await pathOf('counter')}/connect/websocket?encoding=cbor`, { protocols: [] })
    await seat.raw()
    seat.send(Buffer.from('b900016162b90001627272b9000361690061' + '6e68676574436f756e74' + '616180', 'hex'))
    const hex = (await seat.raw()).data.toString('hex')
    assert.ok(hex.includes('616900') && hex.includes('616f00'), hex)
  })

  use.test('who is refused gets no first message', async () => {
    const seat = await use.seat(`${await pathOf('chatRoom')}/connect/websocket?encoding=json`, { protocols: [] })
    assert.deepEqual(await seat.closed(), { code: 1011, reason: 'missing_username' })
    assert.ok(!seat.frames.some(({ data }) => String(data).includes('"i"')))
  })

  use.test('frames that cannot be read', async () => {
    for (const frame of ['{', '7', '{}', '{"b":{}}', '{"b":{"rr":{"i":"x","n":"getCount","a":[]}}}', '{"b":{"zz":1}}']) {
      const { seat } = await seated('counter')
      seat.send(frame)
      assert.deepEqual(await seat.closed(), { code: 1011, reason: 'malformed_message' }, frame)
    }
  })

  use.test('a stream of events, and posts that are answered on it', async () => {
    const { stream, post, next } = await streamed('chatRoom', ALICE)
    assert.match(stream.type, /text\/event-stream/)
    const { status, json } = await post({ sr: { e: 'newMessage', s: true } })
    assert.deepEqual([status, json], [200, {}])
    await post({ rr: { i: 0, n: 'sendMessage', a: ['hi'] } })
    const message = { seq: 1, from: 'alice', text: 'hi' }
    assert.deepEqual(await next(), { ev: { n: 'newMessage', a: [message] } })
    assert.deepEqual(await next(), { ro: { i: 0, o: message } })
  })

  use.test('a post needs the token of its connection', async () => {
    const { post } = await streamed('counter')
    const wrong = await post({ rr: { i: 0, n: 'increment', a: [] } }, { token: 'guessed' })
    assert.deepEqual([wrong.status, wrong.json.code ?? wrong.json.c], [403, 'incorrect_connection_token'])
    const unknown = await post({ rr: { i: 0, n: 'increment', a: [] } }, { id: '00000000-0000-4000-8000-000000000001' })
    assert.deepEqual([unknown.status, unknown.json.code ?? unknown.json.c], [404, 'connection_not_found'])
  })

  use.test('who ends its stream has left', async () => {
    const { stream, path } = await streamed('chatRoom', ALICE)
    const people = async () => (await sendJson(use.server, 'POST', `${path}/rpc/listConnections?${ALICE.slice(1)}`, { a: [] })).json.o
    assert.equal((await people()).length, 2, 'the stream and this call')
    await stream.dispose()
    await until('it has left', async () => (await people()).length === 1)
  })

  use.test('encodings and parameters that make no sense', async () => {
    const path = await pathOf('counter')
    for (const [query, code] of [['encoding=xml', 'invalid_encoding'], ['encoding=json&params=%7B', 'malformed_connection_parameters'],
      [`encoding=json&params=${encodeURIComponent(JSON.stringify('x'.repeat(8_200)))}`, 'connection_parameters_too_long']]) {
      const { status, json, body } = await get(use.server, `${path}/connect/sse?${query}`)
      assert.equal(status, 400, body.slice(0, 200))
      assert.equal(json.code ?? json.c, code)
    }
  })

  use.test('a key of the other family is another actor', async () => {
    const key = use.key()
    const path = new URL((await reach('counter', key)).json.endpoint).pathname
    await sendJson(use.server, 'POST', `${path}/rpc/increment`, { a: [3] })
    const made = await sendJson(use.server, 'PUT', '/actors?namespace=default', { name: 'counter', key: key[0] })
    const other = await sendJson(use.server, 'POST', `/gateway/${made.json.actor.actor_id}/action/getCount`, { args: [] })
    assert.deepEqual(other.json, { output: 0 })
  })
})
