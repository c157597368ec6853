// Every verb, its answers and its refusals, and actions with and without a connection: the same for every client
// wherever it runs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere, promised } from '../lib/both.mjs'
import { useDemo } from '../lib/demo.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const UNKNOWN = 'unknown action or invalid apiVersion'

function ok (reply, data) {
  assert.deepEqual([reply.status, reply.context, reply.error, reply.data], ['OK', 'response', undefined, data])
}

/** A refused verb; version 29 has a text in two places, version 18 reads neither. */
function refused (reply, text) {
  assert.deepEqual([reply.status, reply.error, reply.context], [`Error: ${text}`, `Error: ${text}`, 'response'])
}

everywhere(use => {
  const client = (options, rooms) => use().connect(demo.url, options, rooms)

  test('connect gives details, and the client shows them', async () => {
    const a = await use().make(demo.url)
    assert.equal((await a.look()).state, 'disconnected')
    const details = await a.connected()
    assert.equal(details.status, 'OK')
    assert.match(details.data.id, UUID)
    const seen = await a.look()
    assert.deepEqual([seen.state, seen.id, seen.fingerprint, seen.rooms],
      ['connected', details.data.id, details.data.fingerprint, []])
    if (use.keeps.tells) assert.equal(seen.transport, use.subject.polls ? 'polling' : 'websocket')
    assert.match(seen.welcomeMessage, /^Welcome to the .+ api$/)
  })

  test('rooms it remembers are joined when it connects', async () => {
    const a = await client({}, ['otherRoom', 'defaultRoom'])
    assert.deepEqual((await a.look()).rooms, ['otherRoom', 'defaultRoom'])
    assert.deepEqual((await a.ask('detailsView')).data.rooms, ['otherRoom', 'defaultRoom'])
  })

  test('detailsView tells who the connection is', async () => {
    const a = await client()
    const { data, status } = await a.ask('detailsView')
    assert.equal(status, 'OK')
    assert.deepEqual(Object.keys(data), ['id', 'fingerprint', 'remoteIP', 'remotePort', 'params', 'connectedAt', 'rooms',
      'totalActions', 'pendingActions'])
    assert.equal(data.id, (await a.look()).id)
  })

  test('roomAdd, roomView, roomLeave', async () => {
    const [a, b] = [await client(), await client()]
    ok(await a.ask('roomAdd', 'defaultRoom'), true)
    ok(await b.ask('roomAdd', 'defaultRoom'), true)
    assert.deepEqual((await a.look()).rooms, ['defaultRoom'])
    const { data } = await a.ask('roomView', 'defaultRoom')
    assert.deepEqual([data.room, data.membersCount], ['defaultRoom', Object.keys(data.members).length])
    for (const one of [a, b]) assert.ok(data.members[(await one.look()).id])
    ok(await a.ask('roomLeave', 'defaultRoom'), true)
    assert.deepEqual((await a.look()).rooms, [])
    refused(await a.ask('roomView', 'defaultRoom'), 'connection not in this room (defaultRoom)')
  })

  test('rooms are refused with reasons', async () => {
    const a = await client()
    refused(await a.ask('roomAdd', 'noSuchRoom'), 'room does not exist')
    refused(await a.ask('roomLeave', 'otherRoom'), 'connection not in this room (otherRoom)')
    await a.ask('roomAdd', 'otherRoom')
    refused(await a.ask('roomAdd', 'otherRoom'), 'connection already in this room (otherRoom)')
    assert.deepEqual((await a.look()).rooms, ['otherRoom'])
  })

  test('say is heard by all members, once and in order', async () => {
    const [a, b] = [await client(), await client()]
    await a.ask('roomAdd', 'otherRoom')
    await b.ask('roomAdd', 'otherRoom')
    const texts = Array.from({ length: 20 }, (_, n) => `${use.place} ${use.subject.name} ${n}`)
    await a.batch(texts.map(text => ['say', 'otherRoom', text]))
    const { id } = await a.look()
    for (const one of [a, b]) {
      const heard = async () => (await one.log()).filter(({ event, value }) => event === 'say' && value.from === id)
      await until('all is heard', async () => (await heard()).length >= texts.length)
      assert.deepEqual((await heard()).map(({ value }) => value.message), texts)
    }
    await until('all is answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
    assert.ok((await a.calls()).every(({ replies: [{ status }] }) => status === 'OK'))
    refused(await a.ask('say', 'defaultRoom', 'hi'), 'connection not in this room (defaultRoom)')
    refused(await a.ask('say', 'otherRoom', ''), 'both room and message are required')
  })

  test('file gives a file, or says that there is none', async () => {
    const a = await client()
    const found = await a.ask('file', 'index.html')
    assert.equal(found.mime, 'text/html')
    assert.equal(found.length, Buffer.byteLength(found.content))
    assert.ok(!found.error)
    const missing = await a.ask('file', 'no/such/file.html')
    assert.deepEqual([missing.error, missing.content, missing.mime], ['that file is not found', null, 'text/html'])
    if (!use.keeps.mends) return
    for (const reply of [found, missing]) assert.ok('error' in reply && 'messageCount' in reply, Object.keys(reply).join())
  })

  test('documentation is not a verb any more', async () => {
    refused(await (await client()).ask('documentation'), 'verb not found or not allowed (documentation)')
  })

  test('send takes any frame', async () => {
    const a = await client()
    refused(await a.ask('send', { event: 'fly', high: true }), 'verb not found or not allowed (fly)')
    ok(await a.ask('send', { event: 'roomAdd', room: 'defaultRoom' }), true)
  })

  test('actions answer, and refuse', async () => {
    const a = await client()
    assert.equal(typeof (await a.ask('action', 'randomNumber')).randomNumber, 'number')
    const { cacheTestResults } = await a.ask('action', 'cacheTest', { key: 'abc', value: 'déf' })
    assert.deepEqual([cacheTestResults.loadResp.key, cacheTestResults.loadResp.value], ['cacheTest_abc', 'déf'])
    assert.equal((await a.ask('action', 'cacheTest', {})).error, 'key is a required parameter for this action')
    assert.equal((await a.ask('action', 'noSuchAction')).error, UNKNOWN)
    assert.equal((await a.ask('action', 'sendFile')).mime, 'image/png')
  })

  test('answers find their calls, whichever comes first', async () => {
    const a = await client()
    const n = await a.batch([['action', 'sleepTest', { sleepDuration: 150 }], ['action', 'echo', { p: 'x' }], ['detailsView']])
    await until('all are answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
    const calls = await a.calls()
    const [slow, echo, details] = n.map(k => calls[k])
    assert.equal(slow.replies[0].sleepDuration, 150)
    assert.equal(echo.replies[0].p, 'x')
    assert.equal(details.replies[0].data.totalActions, 2)
  })

  test('six at once are one too many', async () => {
    const a = await client()
    await a.batch(Array.from({ length: 6 }, () => ['action', 'sleepTest', { sleepDuration: 100 }]))
    await until('all are answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
    const errors = (await a.calls()).map(({ replies: [{ error }] }) => error).filter(Boolean)
    assert.deepEqual(errors, ['you have too many pending requests'])
  })

  test('without a connection actions go over HTTP', async () => {
    const a = await client()
    await a.tell('disconnect')
    assert.equal((await a.look()).state, 'disconnected')
    const reply = await a.ask('action', 'cacheTest', { key: 'over', value: 'http' })
    assert.equal(reply.cacheTestResults.loadResp.value, 'http')
    assert.equal((await a.ask('action', 'cacheTest', { key: 'over', value: 'http', httpMethod: 'GET' })).cacheTestResults.loadResp.value, 'http')
    assert.equal((await a.ask('action', 'cacheTest', {})).error, 'key is a required parameter for this action')
    assert.equal((await a.ask('action', 'noSuchAction')).error, UNKNOWN)
  })

  test('without a connection and without a server an action is answered with an error', async () => {
    const a = await use().make('http://127.0.0.1:1')
    assert.ok((await a.ask('action', 'randomNumber')).error)
  })

  test('who disconnected can connect again', async () => {
    const a = await client()
    const before = (await a.look()).id
    await a.tell('disconnect')
    await a.connect()
    await until('it is connected again', async () => (await a.look()).connects.length === 2)
    const { state, id } = await a.look()
    assert.equal(state, 'connected')
    assert.notEqual(id, before)
    assert.equal((await a.ask('roomAdd', 'defaultRoom')).status, 'OK')
  })

  promised(use, 'promises', 'without a callback there is a promise', async () => {
    const a = await client()
    assert.equal((await a.promised('detailsView')).value.status, 'OK')
    ok((await a.promised('roomAdd', 'otherRoom')).value, true)
    assert.equal((await a.promised('roomView', 'otherRoom')).value.data.room, 'otherRoom')
    assert.equal((await a.promised('say', 'otherRoom', 'promised')).value.status, 'OK')
    assert.equal((await a.promised('file', 'index.html')).value.mime, 'text/html')
    assert.equal(typeof (await a.promised('action', 'randomNumber')).value.randomNumber, 'number')
    assert.equal((await a.promised('action', 'echo', { p: 'x' })).value.p, 'x')
    ok((await a.promised('roomLeave', 'otherRoom')).value, true)
    await a.tell('disconnect')
    assert.equal((await a.promised('connect')).value.status, 'OK')
    assert.equal((await a.look()).state, 'connected')
  })
})
