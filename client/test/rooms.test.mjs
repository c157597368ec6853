// Rooms are joined again below every client, by looking at the frames that pass.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { frames, linkIn } from './lib/world.mjs'

/** The link is lost and comes back; returns the rooms that are joined before anything else. */
function rejoined (world) {
  world.socket.cut()
  world.clock.pass(3_000)
  world.socket.accept()
  return frames(world.socket).filter(({ event }) => event === 'roomAdd')
}

const names = joins => joins.map(({ room }) => room)

function join (world, room, more = {}) {
  world.link.write({ event: 'roomAdd', room, messageId: `join ${room}`, ...more })
  world.socket.answer('roomAdd', { data: true })
}

test('rooms are joined again in the order of joining, with ids of their own, and nobody sees the replies', () => {
  const world = linkIn().up()
  join(world, 'b')
  join(world, 'a')
  const heard = world.heard.length
  const joins = rejoined(world)
  assert.deepEqual(names(joins), ['b', 'a'])
  assert.equal(new Set(joins.map(({ messageId }) => messageId)).size, 2)
  for (const { messageId } of joins) {
    assert.ok(!String(messageId).startsWith('join'))
    world.socket.say({ status: 'OK', context: 'response', data: true, messageId })
  }
  assert.equal(world.heard.length, heard)
})

test('what waits is sent when the rooms are joined, and not before', () => {
  const world = linkIn().up()
  join(world, 'a')
  world.socket.cut()
  world.link.write({ event: 'say', room: 'a', message: 'hi' })
  world.clock.pass(3_000)
  world.socket.accept()
  assert.deepEqual(frames(world.socket).map(({ event }) => event), ['roomAdd'])
  world.socket.answer('roomAdd', { data: true })
  assert.deepEqual(frames(world.socket).map(({ event }) => event), ['roomAdd', 'say'])
})

describe('which rooms', () => {
  test('a refused one is not joined again', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', room: 'secret', messageId: 1 })
    world.socket.answer('roomAdd', { status: 'Error: no', error: 'Error: no' })
    assert.deepEqual(rejoined(world), [])
  })

  test('an action\'s reply under the same id is not that of a joining', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', room: 'a', messageId: 'k' })
    world.link.write({ event: 'action', params: {}, messageId: 'k' })
    for (const reply of [{ foo: 1 }, { error: 'no' }, { status: 'OK', data: true }]) {
      world.socket.say({ context: 'response', messageId: 'k', ...reply })
    }
    assert.deepEqual(names(rejoined(world)), ['a'])
  })

  test('one that was left is not joined again', () => {
    const world = linkIn().up()
    for (const room of ['a', 'b']) join(world, room)
    world.link.write({ event: 'roomLeave', room: 'a', messageId: 1 })
    world.socket.answer('roomLeave', { data: true })
    assert.deepEqual(names(rejoined(world)), ['b'])
  })

  test('joining and leaving that were not answered are asked again, in order, and who asked gets the replies', () => {
    const world = linkIn({}, { greeting: () => [{ event: 'detailsView', messageId: 'who' }] }).up()
    world.socket.answer('detailsView', { data: { rooms: [] } })
    join(world, 'a')
    world.link.write({ event: 'roomLeave', room: 'a', messageId: 1 })
    world.link.write({ event: 'say', room: 'a', message: 'uncertain', messageId: 2 })
    world.link.write({ event: 'roomAdd', room: 'b', messageId: 3 })
    for (let round = 0; round < 2; round++) {
      rejoined(world)
      assert.deepEqual(frames(world.socket).map(({ event, room }) => [event, room]),
        [['roomAdd', 'a'], ['roomLeave', 'a'], ['roomAdd', 'b'], ['detailsView', undefined]])
    }
    const heard = world.heard.length
    world.socket.say({ status: 'OK', context: 'response', data: true, messageId: frames(world.socket)[0].messageId })
    world.socket.answer('roomLeave', { data: true })
    world.socket.answer('roomAdd', { data: true })
    assert.deepEqual(world.heard.slice(heard).map(({ messageId }) => messageId), [1, 3])
    assert.deepEqual(names(rejoined(world)), ['b'])
  })

  test('nothing is asked again after an end', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', room: 'a', messageId: 1 })
    world.link.end()
    world.link.open()
    world.socket.accept()
    assert.deepEqual(frames(world.socket), [])
  })

  test('one that could not be left is', () => {
    const world = linkIn().up()
    join(world, 'a')
    world.link.write({ event: 'roomLeave', room: 'a', messageId: 1 })
    world.socket.answer('roomLeave', { status: 'Error: stay', error: 'Error: stay' })
    assert.deepEqual(names(rejoined(world)), ['a'])
  })

  test('one that is left while the link is down is joined, and then left', () => {
    const world = linkIn().up()
    join(world, 'a')
    world.socket.cut()
    world.link.write({ event: 'roomLeave', room: 'a', messageId: 1 })
    world.clock.pass(3_000)
    world.socket.accept()
    world.socket.answer('roomAdd', { data: true })
    assert.deepEqual(frames(world.socket).map(({ event }) => event), ['roomAdd', 'roomLeave'])
    world.socket.answer('roomLeave', { data: true })
    assert.deepEqual(rejoined(world), [])
  })

  test('the server has the last word: its list of rooms counts', () => {
    const world = linkIn().up()
    join(world, 'kicked')
    world.link.write({ event: 'detailsView', messageId: 1 })
    world.socket.answer('detailsView', { data: { id: 'x', rooms: ['let in by an action'] } })
    assert.deepEqual(names(rejoined(world)), ['let in by an action'])
  })

  test('a list that was asked for before a leaving does not undo it', () => {
    const world = linkIn().up()
    join(world, 'a')
    world.link.write({ event: 'detailsView', messageId: 1 })
    world.link.write({ event: 'roomLeave', room: 'a', messageId: 2 })
    world.socket.answer('detailsView', { data: { id: 'x', rooms: ['a'] } })
    world.socket.answer('roomLeave', { data: true })
    assert.deepEqual(rejoined(world), [])
  })

  test('operands are positional, and a frame may carry more than the room', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', x: 'a', password: 'p', messageId: 1 })
    world.socket.answer('roomAdd', { data: true })
    const [{ messageId, ...frame }] = rejoined(world)
    assert.deepEqual(frame, { event: 'roomAdd', x: 'a', password: 'p' })
  })

  test('who is in a room already is in it', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', room: 'a', messageId: 1 })
    world.socket.answer('roomAdd', { error: 'Error: connection already in this room (a)' })
    assert.deepEqual(names(rejoined(world)), ['a'])
  })
})

test('a room that refuses is told, tried again with the next link, and holds nothing up', () => {
  const world = linkIn().up()
  join(world, 'gone')
  rejoined(world)
  world.link.write('waits')
  world.socket.answer('roomAdd', { status: 'Error: room does not exist', error: 'Error: room does not exist' })
  const [, refused] = world.told.find(([name]) => name === 'refused')
  assert.equal(refused.room, 'gone')
  assert.deepEqual(frames(world.socket).at(-1), 'waits')
  assert.deepEqual(names(rejoined(world)), ['gone'])
})

describe('a room that refused to be joined again', () => {
  const leave = world => {
    world.link.write({ event: 'roomLeave', room: 'x', messageId: 'leave' })
    return reply => world.socket.answer('roomLeave', reply)
  }
  const details = world => {
    world.link.write({ event: 'detailsView', messageId: 'who' })
    world.socket.answer('detailsView', { data: { rooms: [] } })
  }
  const refused = () => {
    const world = linkIn().up()
    join(world, 'x')
    rejoined(world)
    world.socket.answer('roomAdd', { status: 'Error: no', error: 'Error: no', code: 'room_not_allowed' })
    return world
  }

  test('is tried again while nobody leaves it', () => {
    const world = refused()
    details(world)
    assert.deepEqual(names(rejoined(world)), ['x'])
  })

  test('is not when it was left, though nobody was in it', () => {
    const outside = 'Error: connection not in this room (x)'
    for (const reply of [{ status: outside, error: outside }, { status: 'Error', error: 'elsewhere', code: 'not_in_room' }]) {
      const world = refused()
      leave(world)(reply)
      details(world)
      assert.deepEqual(rejoined(world), [])
    }
  })

  test('is not when it was joined by hand, and left', () => {
    const world = refused()
    join(world, 'x')
    details(world)
    join(world, 'x')
    leave(world)({ data: true })
    details(world)
    assert.deepEqual(rejoined(world), [])
  })
})

describe('a client that counts its frames, as version 18 does', () => {
  test('does not see that others were sent before its own', () => {
    const world = linkIn().up()
    world.link.write({ event: 'roomAdd', room: 'a' })
    world.socket.say({ status: 'OK', context: 'response', data: true, messageId: 'of the server', messageCount: 1 })
    const [{ messageId }] = rejoined(world)
    world.socket.say({ status: 'OK', context: 'response', data: true, messageId })
    world.link.write({ event: 'detailsView' })
    world.socket.say({ status: 'OK', context: 'response', data: { rooms: ['a'] }, messageId: 'other', messageCount: 2 })
    assert.equal(world.heard.at(-1).messageCount, 1)
  })

  test('does not count what it wrote before the attempt, and sees no reply to it as that of another', () => {
    const world = linkIn().up()
    world.socket.cut()
    world.link.write({ event: 'say', room: 'a', message: 'waits' })
    world.clock.pass(3_000)
    world.socket.accept()
    world.link.write({ event: 'detailsView' })
    for (const messageCount of [1, 2]) world.socket.say({ status: 'OK', context: 'response', messageId: 'x', messageCount })
    assert.deepEqual(world.heard.slice(-2).map(({ messageCount }) => messageCount), [0, 1])
  })

  test('is counted anew when the connection was begun anew', () => {
    const world = linkIn().up()
    world.socket.cut()
    world.link.write({ event: 'say', room: 'a', message: 'waits' })
    world.clock.pass(1_000)
    world.link.end()
    world.link.queue.items.length = 0
    world.link.open()
    world.link.write({ event: 'say', room: 'a', message: 'new' })
    world.socket.accept()
    world.socket.say({ status: 'OK', context: 'response', messageId: 'x', messageCount: 1 })
    assert.equal(world.heard.at(-1).messageCount, 1)
  })

  test('may join again itself', () => {
    const world = linkIn().up()
    join(world, 'a')
    rejoined(world)
    world.socket.answer('roomAdd', { data: true })
    world.link.write({ event: 'roomAdd', room: 'a' })
    world.socket.say({ status: {}, context: 'response', messageId: 'x', messageCount: 2, error: 'Error: connection already in this room (a)' })
    assert.deepEqual(names(rejoined(world)), ['a'])
  })
})
