// One room with every dialect in it. Who says something is the same for all, and all hear it once.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { closeSeats, roomOf, sit } from '../lib/transports/seat.mjs'
import { CLIENTS, guest, useTable } from '../lib/transports/socketio.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until } from '../lib/wait.mjs'

const demo = useTable()
afterEach(closeSeats)

const OTHERS = ['Primus 8 on websockets, websocket', 'Primus 8 on sockjs, xhr-streaming', 'engine.io-client 6, polling']
const others = SUBJECTS.filter(({ name }) => OTHERS.includes(name))
const MANY = 20

/** Everybody in a room of their own: socket.io's clients, the others, and the ids by which all are known. */
async function everybody () {
  const seats = await Promise.all(others.map(subject => sit(subject, demo)))
  const guests = await Promise.all(CLIENTS.map(client => guest(client, demo)))
  const room = await roomOf(...seats)
  await Promise.all(guests.map(one => one.join(room)))
  const all = [...guests, ...seats]
  const ids = await Promise.all(all.map(idOf))
  return { seats, guests, all, room, ids }
}

const nameOf = one => (one.client ?? one.subject).name
const idOf = async one => one.client ? one.id : one.id()

/** After this nothing can be on its way any more that was said before. */
async function quiet ({ all, room }) {
  await all[0].say(room, 'the last')
  for (const one of all) {
    assert.deepEqual((await one.heard.take(1)).map(({ message }) => message), ['the last'], `${nameOf(one)} hears nothing twice`)
    assert.deepEqual([one.heard.length, one.strange], [0, []], nameOf(one))
  }
}

test('each says one thing, each hears each, and from whom', async () => {
  const here = await everybody()
  const { all, room, ids } = here
  await Promise.all(all.map(one => one.say(room, `I am ${nameOf(one)}`)))
  const wanted = all.map((one, n) => [ids[n], `I am ${nameOf(one)}`]).sort()
  for (const one of all) {
    const frames = await one.heard.take(all.length)
    assert.deepEqual(frames.map(({ from, message }) => [from, message]).sort(), wanted, nameOf(one))
    for (const { context, room: where, sentAt } of frames) {
      assert.deepEqual([context, where], ['user', room])
      assert.ok(Math.abs(Date.now() - sentAt) < 60_000)
    }
  }
  await quiet(here)
})

test(`each says ${MANY} things at once, and each speaker's order is kept everywhere`, async () => {
  const here = await everybody()
  const { all, room, ids } = here
  const wanted = Array.from({ length: MANY }, (_, n) => `${n}`)
  await Promise.all(all.flatMap(one => wanted.map(text => one.say(room, text))))
  for (const one of all) {
    const frames = await one.heard.take(all.length * MANY, 20_000)
    for (const [n, id] of ids.entries()) {
      const of = frames.filter(({ from }) => from === id).map(({ message }) => message)
      assert.deepEqual(of, wanted, `${nameOf(one)} hears ${nameOf(all[n])}`)
    }
  }
  await quiet(here)
})

test('all see all in the room, also after somebody has left it', async () => {
  const { all, guests, seats, room, ids } = await everybody()
  const seen = async one => Object.keys(one.client ? await one.members(room) : (await one.verb('roomView', { room })).members).sort()
  for (const one of all) assert.deepEqual(await seen(one), [...ids].sort(), nameOf(one))
  const { id } = guests[0]
  guests[0].leave()
  const left = ids.filter(other => other !== id).sort()
  for (const one of all.slice(1)) await until(`${nameOf(one)} sees that one has gone`, async () => (await seen(one)).join() === left.join(), 2_000)
  await seats[0].end()
  await until('two have gone', async () => (await seen(guests[1])).length === left.length - 1, 2_000)
})

test('an object that is said arrives as an object everywhere', async () => {
  const { all, guests, room } = await everybody()
  const said = [{ text: 'hi', list: [1, { deep: null }], 'é': '😀' }, [1, 2], 5, true, { message: 'no text' }]
  for (const message of said) await guests[0].say(room, message)
  for (const one of all) {
    const heard = await one.heard.take(said.length)
    assert.deepEqual(heard.map(({ message }) => message), said, nameOf(one))
  }
})

test('an object that a client of ActionHero says is a text, as it always was', async () => {
  const { all, seats, room } = await everybody()
  await seats[0].say(room, { a: 1 })
  for (const one of all) assert.equal((await one.heard.next()).message, '[object Object]', nameOf(one))
})
