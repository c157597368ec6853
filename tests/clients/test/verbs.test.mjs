// Every verb that ActionHero's client can send, on each of the three Primus clients, and every
// answer a verb can get. The client is the stock one; frames it has no method for go through its
// own `send`.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, send } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { event } from '../lib/wait.mjs'

const demo = useDemo()
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function ok (reply, data) {
  assert.equal(reply.status, 'OK')
  assert.equal(reply.context, 'response')
  assert.equal(reply.error, undefined)
  assert.deepEqual(reply.data, data)
}

function refused (reply, text, data = {}) {
  assert.equal(reply.status, `Error: ${text}`)
  assert.equal(reply.error, `Error: ${text}`)
  assert.equal(reply.context, 'response')
  assert.deepEqual(reply.data, data)
}

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    const client = () => connect(demo.url, { primus })

    test('detailsView tells who the connection is', async () => {
      const a = await client()
      const { status, data } = await ask(a, 'detailsView')
      assert.equal(status, 'OK')
      assert.deepEqual(Object.keys(data), ['id', 'fingerprint', 'remoteIP', 'remotePort', 'params',
        'connectedAt', 'rooms', 'totalActions', 'pendingActions'])
      assert.match(data.id, UUID)
      assert.equal(data.fingerprint, data.id, 'without cookie and query the id is the fingerprint')
      assert.match(data.remoteIP, /127\.0\.0\.1$/)
      assert.ok(data.remotePort > 0)
      assert.ok(Math.abs(Date.now() - data.connectedAt) < 60_000)
      assert.deepEqual([data.params, data.rooms, data.totalActions, data.pendingActions], [{}, [], 0, 0])
    })

    test('roomAdd joins a room that exists, once', async () => {
      const a = await client()
      ok(await ask(a, 'roomAdd', 'defaultRoom'), true)
      assert.deepEqual(a.rooms, ['defaultRoom'])
      refused(await send(a, { event: 'roomAdd', room: 'defaultRoom' }), 'connection already in this room (defaultRoom)')
      refused(await ask(a, 'roomAdd', 'noSuchRoom'), 'room does not exist')
      refused(await send(a, { event: 'roomAdd' }), 'room does not exist')
      refused(await send(a, { event: 'roomAdd', room: '' }), 'room does not exist', { room: '' })
      assert.deepEqual(a.rooms, ['defaultRoom'])
    })

    test('roomView shows the members of a room one is in', async () => {
      const [a, b] = await Promise.all([client(), client()])
      refused(await ask(a, 'roomView', 'otherRoom'), 'connection not in this room (otherRoom)')
      refused(await ask(a, 'roomView', 'noSuchRoom'), 'connection not in this room (noSuchRoom)')
      refused(await send(a, { event: 'roomView' }), 'connection not in this room (undefined)')
      await ask(a, 'roomAdd', 'otherRoom')
      await ask(b, 'roomAdd', 'otherRoom')
      const { data } = await ask(a, 'roomView', 'otherRoom')
      assert.deepEqual(Object.keys(data), ['room', 'members', 'membersCount'])
      assert.equal(data.room, 'otherRoom')
      assert.equal(data.membersCount, Object.keys(data.members).length)
      for (const { id } of [a, b]) {
        assert.equal(data.members[id].id, id)
        assert.ok(Math.abs(Date.now() - data.members[id].joinedAt) < 60_000)
      }
    })

    test('roomLeave leaves it, once', async () => {
      const a = await client()
      await ask(a, 'roomAdd', 'defaultRoom')
      await ask(a, 'roomAdd', 'otherRoom')
      ok(await ask(a, 'roomLeave', 'defaultRoom'), true)
      assert.deepEqual(a.rooms, ['otherRoom'])
      refused(await ask(a, 'roomLeave', 'defaultRoom'), 'connection not in this room (defaultRoom)')
      refused(await ask(a, 'roomLeave', 'noSuchRoom'), 'connection not in this room (noSuchRoom)')
      refused(await send(a, { event: 'roomLeave' }), 'connection not in this room (undefined)')
    })

    test('say needs a room one is in and a message', async () => {
      const a = await client()
      await ask(a, 'roomAdd', 'defaultRoom')
      const heard = event(a, 'say')
      const reply = await ask(a, 'say', 'defaultRoom', 'hello')
      assert.equal(reply.status, 'OK')
      assert.ok(!('data' in reply), 'say has no result')
      assert.equal((await heard).message, 'hello')
      refused(await ask(a, 'say', 'otherRoom', 'hi'), 'connection not in this room (otherRoom)', { message: 'hi' })
      refused(await ask(a, 'say', 'noSuchRoom', 'hi'), 'connection not in this room (noSuchRoom)', { message: 'hi' })
      refused(await ask(a, 'say', 'defaultRoom', ''), 'both room and message are required', { message: '' })
      refused(await ask(a, 'say', 'defaultRoom', null), 'both room and message are required', { message: null })
      refused(await send(a, { event: 'say', room: 'defaultRoom' }), 'both room and message are required')
      refused(await send(a, { event: 'say', message: 'hi' }), 'both room and message are required', { message: 'hi' })
    })

    test('file gives a file of the public folder', async () => {
      const a = await client()
      const reply = await ask(a, 'file', 'demo/hello.txt')
      assert.deepEqual([reply.content, reply.mime, reply.length], ['hello from the demo\n', 'text/plain', 20])
      assert.equal((await ask(a, 'file', 'nope')).error, 'that file is not found')
    })

    test('action runs an action', async () => {
      const a = await client()
      const reply = await ask(a, 'action', 'randomNumber')
      assert.ok(reply.randomNumber >= 0 && reply.randomNumber < 1)
      assert.equal((await ask(a, 'action', 'noSuchAction')).error, 'unknown action or invalid apiVersion')
    })

    test('other verbs are refused by name', async () => {
      const a = await client()
      const not = name => `verb not found or not allowed (${name})`
      refused(await ask(a, 'documentation'), not('documentation'))
      for (const verb of ['paramAdd', 'paramDelete', 'paramView', 'paramsView', 'paramsDelete', 'fly', 'toString', '__proto__']) {
        refused(await send(a, { event: verb, key: 'k' }), not(verb), { key: 'k' })
      }
      refused(await send(a, { x: 1 }), not('undefined'), { x: 1 })
      refused(await send(a, { event: null }), not('null'))
      refused(await send(a, { event: 5 }), not('5'))
      refused(await send(a, { event: ['say'] }), not('say'))
    })

    for (const verb of ['quit', 'exit']) {
      test(`${verb} ends the connection for good`, async () => {
        const a = await client()
        const again = []
        a.client.on('reconnect scheduled', () => again.push('reconnect'))
        const ended = event(a.client, 'end')
        let replied = false
        a.send({ event: verb }, () => { replied = true })
        await ended
        assert.equal(replied, false, 'there is no reply')
        assert.equal(a.state, 'disconnected')
        assert.deepEqual(again, [])
      })
    }

    test('disconnect leaves the rooms', async () => {
      const [a, b] = await Promise.all([client(), client()])
      await ask(a, 'roomAdd', 'otherRoom')
      await ask(b, 'roomAdd', 'otherRoom')
      a.disconnect()
      for (;;) {
        const { data } = await ask(b, 'roomView', 'otherRoom')
        if (!data.members[a.id]) break
      }
    })
  })
}
