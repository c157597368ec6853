// socket.io's own clients, on each transport: actions and verbs are events with acks.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { CLIENTS, guest, roomOf, useTable } from '../lib/transports/socketio.mjs'

const demo = useTable()
const UNKNOWN = 'unknown action or invalid apiVersion'
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

for (const client of CLIENTS) {
  test(`${client.name}: the welcome first, then answers`, async () => {
    const one = await guest(client, demo)
    assert.deepEqual(one.welcome, { welcome: 'Welcome to the demo api', context: 'api' })
    assert.equal(one.events[0][0], 'welcome', 'before everything else')
    const { randomNumber, context, ...rest } = await one.ask('randomNumber')
    assert.equal(typeof randomNumber, 'number')
    assert.equal(context, 'response')
    assert.ok(!('messageId' in rest), 'the ack says already what is answered')
    const first = await one.details()
    assert.equal(first.id, one.id)
    await one.settled()
    assert.equal(one.transport(), client.transport)
    assert.equal((await one.details()).id, one.id, 'the connection is the same on whatever carries it')
    await one.quiet()
  })

  test(`${client.name}: an action by its name, by "action", and as a frame`, async () => {
    const one = await guest(client, demo)
    const expected = { p: 'é', len: 2, context: 'response' }
    assert.deepEqual(await one.ask('echo', { p: 'é' }), expected)
    assert.deepEqual(await one.ask('action', { action: 'echo', p: 'é' }), expected)
    assert.deepEqual(await one.ask('action', { action: 'echo', p: 'é', apiVersion: 1 }), expected)
    const frame = { event: 'action', params: { action: 'echo', p: 'é' }, messageId: 'm1' }
    assert.deepEqual(await one.ask('message', frame), { ...expected, messageId: 'm1' })
    one.socket.send({ ...frame, messageId: 2 })
    assert.deepEqual(await one.responses.next(), { ...expected, messageId: 2 })
    await one.quiet()
  })

  test(`${client.name}: a failing action is answered`, async () => {
    const one = await guest(client, demo)
    const unknown = { error: UNKNOWN, context: 'response' }
    for (const args of [['fly'], ['fly', {}], ['toString'], ['__proto__'], ['action', { action: 'fly' }], ['action', {}]]) {
      assert.deepEqual(await one.ask(...args), unknown, JSON.stringify(args))
    }
    const missing = await one.ask('echo', {})
    assert.deepEqual(missing, { error: 'p is a required parameter for this action', context: 'response' })
    one.socket.send({ event: 'action', params: { action: 'fly' }, messageId: 'x' })
    assert.deepEqual(await one.responses.next(), { ...unknown, messageId: 'x' })
    await one.quiet()
  })

  test(`${client.name}: verbs`, async () => {
    const one = await guest(client, demo)
    const room = await roomOf(one)
    assert.equal(await one.verb('roomLeave', room), true)
    assert.equal(await one.verb('roomAdd', { room }), true)
    assert.deepEqual((await one.details()).rooms, [room])
    for (const operand of [room, { room }]) {
      const { members, membersCount, room: name } = await one.verb('roomView', operand)
      assert.deepEqual([Object.keys(members), membersCount, name], [[one.id], 1, room])
      assert.ok(!members[one.id].absent)
    }
    assert.equal(await one.say(room, 'hello'), undefined)
    const { sentAt, ...chat } = await one.heard.next()
    assert.deepEqual(chat, { message: 'hello', room, from: one.id, context: 'user' })
    assert.ok(Math.abs(Date.now() - sentAt) < 60_000)
    assert.equal(await one.verb('roomLeave', { room }), true)
    assert.equal((await one.ask('roomView', room)).error, `Error: connection not in this room (${room})`)
    const { content, mime, length } = await one.ask('file', { file: 'style.css' })
    assert.deepEqual([typeof content, mime, length > 0], ['string', 'text/css', true])
    await one.quiet()
  })

  test(`${client.name}: verbs in a burst take effect in their order`, async () => {
    const one = await guest(client, demo)
    const { id } = one
    const replies = await Promise.all([
      one.ask('roomAdd', ROOM), one.ask('say', { room: ROOM, message: id }), one.ask('roomView', ROOM), one.ask('roomLeave', ROOM)
    ])
    assert.deepEqual(replies.map(({ status }) => status), ['OK', 'OK', 'OK', 'OK'])
    assert.ok(id in replies[2].data.members)
    await watcher.hears(id)
  })

  test(`${client.name}: quit and exit end it for good`, async () => {
    for (const quit of ['quit', 'exit']) {
      const one = await guest(client, demo)
      const { id } = one
      await one.join(ROOM)
      one.socket.emit(quit)
      assert.equal(await one.losses.next(), 'io server disconnect')
      assert.equal(one.socket.active, false, 'it does not come back by itself')
      await watcher.misses(id)
      one.socket.connect()
      const again = await one.connects.next()
      assert.notEqual(again.id, id)
      assert.ok(!again.recovered)
      assert.ok((await one.welcomes.next()).welcome)
    }
  })

  test(`${client.name}: who disconnects has left the room at once`, async () => {
    const one = await guest(client, demo)
    const { id } = one
    await one.join(ROOM)
    await one.settled()
    assert.ok(await watcher.isMember(id))
    one.socket.disconnect()
    assert.equal(await one.losses.next(), 'io client disconnect')
    await watcher.misses(id)
  })

  test(`${client.name}: what was said before the end is heard`, async () => {
    const one = await guest(client, demo)
    await one.join(ROOM)
    await one.settled()
    const { id } = one
    one.socket.emit('say', { room: ROOM, message: `last words of ${id}` })
    one.socket.disconnect()
    await watcher.hears(`last words of ${id}`)
    await watcher.misses(id)
  })

  test(`${client.name}: nobody who did not ask for it gets an answer`, async () => {
    const one = await guest(client, demo)
    await one.join(ROOM)
    one.socket.emit('randomNumber')
    one.socket.emit('fly', { away: true })
    one.socket.emit('action', { action: 'randomNumber' })
    one.socket.emit('roomAdd', 'nowhere')
    one.socket.emit('detailsView')
    one.socket.emit('say', { room: ROOM, message: `no ack, ${one.id}` })
    assert.equal((await one.heard.next()).message, `no ack, ${one.id}`)
    await one.quiet()
    assert.deepEqual(one.events.map(([name]) => name), ['welcome', 'say'])
    assert.deepEqual((await one.details()).rooms, [ROOM])
  })
}

for (const client of CLIENTS) {
  test(`${client.name}: at most five actions at once`, async () => {
    const one = await guest(client, demo)
    const asked = Array.from({ length: 8 }, () => one.ask('sleepTest', { sleepDuration: 500 }))
    assert.equal((await one.details()).id, one.id, 'verbs are answered meanwhile')
    const replies = await Promise.all(asked)
    assert.equal(replies.filter(({ sleepDuration }) => sleepDuration === 500).length, 5)
    const refused = replies.filter(({ error }) => error)
    assert.deepEqual(refused, Array(3).fill({ error: 'you have too many pending requests', context: 'response' }))
    assert.equal(typeof (await one.ask('randomNumber')).randomNumber, 'number')
    await one.quiet()
  })
}
