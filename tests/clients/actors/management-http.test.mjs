// The management API by hand: the shapes of its answers, and what it says to what no client sends.

import assert from 'node:assert/strict'
import { byHand } from '../lib/actors/each.mjs'
import { create, find, getOrCreate, idOf } from '../lib/actors/management.mjs'
import { get, request, sendJson } from '../lib/http.mjs'

byHand('rivetkit', use => {
  const word = () => use.key()[0]

  /** An error is JSON that says which. */
  function refused (answer, words, status = 400) {
    assert.match(answer.headers['content-type'] ?? '', /application\/json/, answer.body)
    assert.equal(`${answer.json.group}/${answer.json.code}`, words, answer.body)
    assert.equal(typeof answer.json.message, 'string')
    assert.equal(answer.status, status, answer.body)
  }

  use.test('metadata', async () => {
    const { status, headers, json } = await get(use.server, '/metadata?namespace=default')
    assert.equal(status, 200)
    assert.match(headers['content-type'], /application\/json/)
    assert.equal(json.runtime, 'rivetkit')
    assert.match(json.version, /^2\.\d+\.\d+/)
    assert.deepEqual(json.runner.kind, { normal: {} })
    for (const name of ['counter', 'chatRoom']) assert.ok(json.actorNames[name].metadata)
  })

  use.test('metadata names no address', async () => {
    const { json } = await get(use.server, '/metadata')
    for (const name of ['clientEndpoint', 'clientNamespace', 'clientToken']) assert.ok(!(name in json), name)
  })

  use.test('health', async () => {
    const { status, json } = await get(use.server, '/health')
    assert.equal(status, 200)
    assert.equal(json.status, 'ok')
    assert.equal(json.runtime, 'rivetkit')
    assert.equal((await get(use.server, '/')).status, 200)
  })

  use.test('a record', async () => {
    const key = `${word()}/b`
    const before = Date.now()
    const { status, json: { actor, created } } = await getOrCreate(use.server, 'counter', key)
    assert.equal(status, 200)
    assert.equal(created, true)
    assert.deepEqual(Object.keys(actor).sort(), [
      'actor_id', 'connectable_ts', 'create_ts', 'destroy_ts', 'key', 'name', 'namespace_id', 'runner_name_selector', 'sleep_ts', 'start_ts'
    ])
    assert.match(actor.actor_id, /^[\w-]{1,64}$/)
    assert.ok(Math.abs(actor.create_ts - before) < 10_000)
    for (const name of ['connectable_ts', 'destroy_ts', 'sleep_ts', 'start_ts']) {
      assert.ok(actor[name] === null || Number.isInteger(actor[name]), name)
    }
    assert.equal(actor.name, 'counter')
    assert.equal((await getOrCreate(use.server, 'counter', key)).json.created, false)
  })

  use.test('a record has the key as it was sent', async () => {
    for (const key of [`${word()}/b`, `${word()}\\/b`, `${word()}/\\0`, `ü☃${word()}`]) {
      assert.equal((await getOrCreate(use.server, 'counter', key)).json.actor.key, key)
    }
  })

  use.test('racing requests make one actor, one of them made it', async () => {
    const key = word()
    const answers = await Promise.all(Array.from({ length: 10 }, () => getOrCreate(use.server, 'counter', key)))
    assert.equal(new Set(answers.map(({ json }) => json.actor.actor_id)).size, 1)
    assert.equal(answers.filter(({ json }) => json.created).length, 1)
  })

  use.test('finding by name and key', async () => {
    const key = word()
    const none = await find(use.server, { name: 'counter', key })
    assert.equal(none.status, 200)
    assert.deepEqual(none.json.actors, [])
    const id = await idOf(use.server, 'counter', key)
    const { json: { actors: [actor, ...rest] } } = await find(use.server, { name: 'counter', key, 'no such parameter': 1 })
    assert.equal(actor.actor_id, id)
    assert.deepEqual(rest, [])
    assert.deepEqual((await find(use.server, { name: 'noSuchActor', key })).json.actors, [])
  })

  use.test('finding by ids', async () => {
    const ids = [await idOf(use.server, 'counter', word()), await idOf(use.server, 'chatRoom', word())]
    const found = await find(use.server, { actor_ids: ids.join(',') })
    assert.deepEqual(found.json.actors.map(({ actor_id: id }) => id).sort(), ids.sort())
    const some = await find(use.server, { actor_ids: `${ids[0]},0123456789abcdef` })
    assert.deepEqual(some.json.actors.map(({ actor_id: id }) => id), [ids[0]])
  })

  use.test('finding by a name alone', async () => {
    const id = await idOf(use.server, 'counter', word())
    const { json: { actors } } = await find(use.server, { name: 'counter' })
    assert.ok(actors.some(({ actor_id: each }) => each === id))
    assert.ok(actors.every(({ name }) => name === 'counter'))
  })

  use.test('asking for too much, or for nothing', async () => {
    for (const asked of [{}, { key: 'a' }, { actor_ids: 'a', name: 'counter' }, { actor_ids: 'a', key: 'b', name: 'counter' }]) {
      refused(await find(use.server, asked), 'request/invalid')
    }
    const many = Array.from({ length: 33 }, (_, i) => `id${i}`).join(',')
    refused(await find(use.server, { actor_ids: many }), 'request/invalid')
  })

  use.test('creating twice', async () => {
    const key = word()
    const { status, json: { actor } } = await create(use.server, 'counter', key)
    assert.equal(status, 200)
    assert.ok(actor.actor_id)
    refused(await create(use.server, 'counter', key), 'actor/duplicate_key')
  })

  use.test('creating without a key', async () => {
    const made = await Promise.all([1, 2].map(() => create(use.server, 'counter', undefined)))
    const [one, other] = made.map(({ json }) => json.actor)
    assert.notEqual(one.actor_id, other.actor_id)
    assert.notEqual(one.key, other.key)
  })

  use.test('a name that nobody has registered', async () => {
    refused(await getOrCreate(use.server, 'noSuchActor', word()), 'actor/unknown_actor')
    refused(await create(use.server, 'toString', word()), 'actor/unknown_actor')
  })

  use.test('the names', async () => {
    const { status, json } = await get(use.server, '/actors/names?namespace=default')
    assert.equal(status, 200)
    for (const name of ['counter', 'chatRoom']) assert.deepEqual(json.names[name].metadata, {})
  })

  use.test('what is deleted is gone, and its connections are told', async () => {
    const key = word()
    const id = await idOf(use.server, 'counter', key)
    const seat = await use.seat(`/gateway/${id}/connect`)
    assert.equal((await seat.next()).tag, 'Init')
    const { status, json } = await request(use.server, 'DELETE', `/actors/${id}?namespace=default`)
    assert.equal(status, 200)
    assert.deepEqual(json, {})
    assert.deepEqual(await seat.closed(), { code: 1011, reason: 'actor.destroyed_by_request' })
    assert.deepEqual((await find(use.server, { name: 'counter', key })).json.actors, [])
    refused(await sendJson(use.server, 'POST', `/gateway/${id}/action/getCount`, { args: [] }), 'actor/not_found', 404)
    assert.notEqual(await idOf(use.server, 'counter', key), id)
  })

  use.test('bodies that are none', async () => {
    for (const body of ['', '{', 'null', '[]', '7', '"text"', '{"name":7,"key":"a"}', '{"name":"counter","key":7}', '{"key":"a"}']) {
      const answer = await request(use.server, 'PUT', '/actors?namespace=default', { body, headers: { 'content-type': 'application/json' } })
      refused(answer, 'request/invalid')
    }
  })

  use.test('an input that is no base64, or no CBOR', async () => {
    for (const input of ['***', 'a', '/w==', '', 'uQAB', 7]) {
      refused(await getOrCreate(use.server, 'counter', word(), { input }), 'request/invalid')
    }
  })

  use.test('fields and parameters that nobody knows are passed over', async () => {
    const { status } = await getOrCreate(use.server, 'counter', word(), { query: '&x=1', something: { new: [1] }, datacenter: 'moon' })
    assert.equal(status, 200)
  })

  use.test('a slash at the end does not matter', async () => {
    assert.equal((await get(use.server, '/metadata/')).status, 200)
  })

  use.test('a key of 10,000 characters, or with NUL', async () => {
    for (const key of [`${word()}${'k'.repeat(10_000)}`, `${word()}\u0000a`]) {
      const answer = await getOrCreate(use.server, 'counter', key)
      if (answer.status === 200) assert.equal(answer.json.actor.key, key)
      else refused(answer, 'request/invalid')
    }
  })

  use.test('a key that no list of parts gives', async () => {
    const key = word()
    for (const text of [`${key}//b`, `/${key}`, `${key}/`, `${key}\\`, `${key}\\b`, `${key}\\0`]) {
      for (const answer of [await getOrCreate(use.server, 'counter', text), await create(use.server, 'counter', text),
        await find(use.server, { name: 'counter', key: text })]) {
        refused(answer, 'request/invalid')
        assert.match(answer.json.message, /`key`.*`\\0` for an empty part/)
      }
    }
  })
})
