// One room with a client of every kind in it. What one says all hear, once, in the order in which it was said.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sitAll, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until } from '../lib/wait.mjs'

const demo = useStage()
const MANY = 20

/** All clients in a room of their own, and the ids by which others know them. */
async function everybody () {
  const seats = await sitAll(SUBJECTS, demo)
  const room = await roomOf(...seats)
  const ids = await Promise.all(seats.map(seat => seat.id()))
  return { seats, room, ids }
}

/** After this nothing can be on its way any more that was said before. */
async function quiet (seats, room) {
  await seats[0].say(room, 'the last')
  for (const seat of seats) {
    assert.deepEqual((await seat.heard.take(1)).map(({ message }) => message), ['the last'], `${seat.subject.name} hears nothing twice`)
    assert.equal(seat.heard.length, 0)
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false], seat.subject.name)
  }
}

test('each says one thing, each hears each', async () => {
  const { seats, room, ids } = await everybody()
  await Promise.all(seats.map((seat, n) => seat.say(room, `I am ${SUBJECTS[n].name}`)))
  const wanted = ids.map((id, n) => [id, `I am ${SUBJECTS[n].name}`]).sort()
  for (const seat of seats) {
    const frames = await seat.heard.take(seats.length)
    assert.deepEqual(frames.map(({ from, message }) => [from, message]).sort(), wanted, seat.subject.name)
    for (const { context, room: where, sentAt } of frames) {
      assert.deepEqual([context, where], ['user', room])
      assert.ok(Math.abs(Date.now() - sentAt) < 60_000)
    }
  }
  await quiet(seats, room)
})

test(`each says ${MANY} things at once, and each speaker's order is kept everywhere`, async () => {
  const { seats, room, ids } = await everybody()
  await Promise.all(seats.flatMap(seat => Array.from({ length: MANY }, (_, n) => seat.say(room, `${n}`))))
  const wanted = Array.from({ length: MANY }, (_, n) => `${n}`)
  for (const seat of seats) {
    const frames = await seat.heard.take(seats.length * MANY, 20_000)
    for (const [n, id] of ids.entries()) {
      const of = frames.filter(({ from }) => from === id).map(({ message }) => message)
      assert.deepEqual(of, wanted, `${seat.subject.name} hears ${SUBJECTS[n].name}`)
    }
  }
  await quiet(seats, room)
})

test('all see all in the room, and who leaves it hears no more', async () => {
  const { seats, room, ids } = await everybody()
  for (const seat of seats) assert.deepEqual((await seat.members(room)).sort(), [...ids].sort(), seat.subject.name)
  const [stays, ...leave] = seats
  await Promise.all(leave.map(seat => seat.verb('roomLeave', { room })))
  await stays.say(room, 'to myself')
  assert.equal((await stays.heard.next()).message, 'to myself')
  // Two answers later, what was sent to a room would have come.
  for (const seat of leave) {
    await seat.id()
    await seat.id()
    assert.equal(seat.heard.length, 0, seat.subject.name)
  }
})

test('who ends is heard no more, and the others go on', async () => {
  const { seats, room, ids } = await everybody()
  const half = seats.filter((_, n) => n % 2 === 1)
  await Promise.all(half.map(seat => seat.end()))
  const [speaker] = seats
  const left = ids.filter((_, n) => n % 2 === 0).sort()
  // A client that polls may have ended between two polls, which is noticed after five seconds.
  await until('only those are left who stayed', async () => (await speaker.members(room)).sort().join() === left.join(), 8_000)
  await speaker.say(room, 'still here')
  for (const seat of seats.filter((_, n) => n % 2 === 0)) {
    assert.equal((await seat.heard.next()).message, 'still here', seat.subject.name)
  }
})
