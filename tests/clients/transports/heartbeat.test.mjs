// The heartbeats of all transports, made short by configuration. Who lives stays, and who is frozen is gone from its
// rooms, whatever kept its connection open.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { EnginePoll, SockjsPoll, dropRequests } from '../lib/transports/polls.mjs'
import { roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { ours, upstream } from '../lib/transports/upstream.mjs'
import { Raw } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'

const INTERVAL = 300
const TIMEOUT = 400
const DISCONNECT = 600
const demo = useStage({
  PLAYHOUSE_ENGINEIO__PING_INTERVAL: String(INTERVAL),
  PLAYHOUSE_ENGINEIO__PING_TIMEOUT: String(TIMEOUT),
  PLAYHOUSE_SOCKJS__HEARTBEAT: String(INTERVAL),
  PLAYHOUSE_SOCKJS__DISCONNECT_DELAY: String(DISCONNECT)
})
afterEach(dropRequests)

/** How long a pong of SockJS' websockets is waited for. */
const PONG_WAIT = 10_000
const SLACK = 2_000
const ROOM = 'otherRoom'
const join = { event: 'roomAdd', room: ROOM, messageId: 'join' }

/** A client that tells who is in the room besides it. */
async function watching () {
  const witness = await sit(SUBJECTS[0], demo)
  await witness.join(ROOM)
  return async () => (await witness.members(ROOM)).length - 1
}

async function frozen (what, others, ms) {
  await until(`${what} is in the room`, async () => await others() === 1)
  await until(`${what} has left the room`, async () => await others() === 0, ms)
}

test('all clients stay for two seconds without a word, and for two more with some', { timeout: 20_000 }, async () => {
  const seats = await sitAll(SUBJECTS, demo)
  const ids = await Promise.all(seats.map(seat => seat.id()))
  const room = await roomOf(...seats)
  // This is what is tested: that nothing happens for as long.
  await pause(2_000)
  assert.deepEqual(seats.filter(({ isClosed }) => isClosed).map(({ subject }) => subject.name), [])
  const end = Date.now() + 2_000
  while (Date.now() < end) {
    await seats[0].say(room, 'still there?')
    await pause(50)
  }
  assert.deepEqual(await Promise.all(seats.map(seat => seat.id())), ids, 'they are who they were')
  for (const { subject, strange, failures, losses, isClosed, welcomes } of seats) {
    assert.deepEqual([strange, failures, losses.length, isClosed, welcomes.length], [[], [], 0, false, 0], subject.name)
  }
})

for (const version of [4, 3]) {
  test(`engine.io ${version}: who never polls`, async () => {
    const others = await watching()
    const poll = await EnginePoll.open(demo, { version })
    assert.equal(await poll.send(join), 'ok')
    await frozen('it', others, INTERVAL + TIMEOUT + SLACK)
    await assert.rejects(poll.get(), /400.*Session ID unknown/s)
  })

  test(`engine.io ${version}: who polls and never gives a sign of life`, async () => {
    const others = await watching()
    const poll = await EnginePoll.open(demo, { version })
    await poll.send(join)
    const polls = (async () => { for (;;) await poll.get() })()
    polls.catch(() => {})
    await frozen('it', others, INTERVAL + TIMEOUT + SLACK)
    await assert.rejects(polls)
  })

  test(`engine.io ${version}: whose websocket is open and says nothing`, async () => {
    const others = await watching()
    const raw = await Raw.open(demo, { path: `/engine.io/?EIO=${version}&transport=websocket` })
    assert.equal((await raw.next())[0], '0')
    raw.send(`4${JSON.stringify(join)}`)
    await frozen('it', others, INTERVAL + TIMEOUT + SLACK)
    await raw.closed()
    // Ours begins the heartbeat of version 4; in version 3 that is the client's.
    assert.equal(raw.texts.filter(text => text === '2').length, version === 4 ? 1 : 0)
  })
}

test('engine.io 4: the server pings, again after each pong, and its pings carry nothing', async () => {
  const raw = await Raw.open(demo, { path: '/engine.io/?EIO=4&transport=websocket' })
  const open = JSON.parse((await raw.next()).slice(1))
  assert.deepEqual([open.pingInterval, open.pingTimeout, open.upgrades], [INTERVAL, TIMEOUT, []])
  assert.match(await raw.next(), /^4.*welcome/)
  for (let n = 0; n < 5; n++) {
    assert.equal(await raw.next(), '2')
    raw.send('3')
  }
  assert.equal(raw.gone, false)
})

test('engine.io 3: a ping is answered with what it carried', ours('its pong is empty'), async () => {
  const raw = await Raw.open(demo, { path: '/engine.io/?EIO=3&transport=websocket' })
  assert.equal((await raw.next())[0], '0')
  assert.match(await raw.next(), /^4.*welcome/)
  for (const data of ['', 'x', 'probe', '漢']) {
    raw.send(`2${data}`)
    assert.equal(await raw.next(), `3${data}`)
  }
})

test('SockJS: who polls no more', async () => {
  const others = await watching()
  const session = new SockjsPoll(demo)
  assert.equal(await session.poll(), 'o')
  assert.match(await session.poll(), /^a.*welcome/)
  assert.equal(await session.say(join), 204)
  await frozen('it', others, DISCONNECT + SLACK)
  assert.equal(await session.say(join), 404)
})

test('SockJS: a poll and a stream that have nothing to tell get heartbeats', async () => {
  const session = new SockjsPoll(demo)
  assert.equal(await session.poll(), 'o')
  assert.match(await session.poll(), /^a.*welcome/)
  for (let n = 0; n < 3; n++) assert.equal(await session.poll(), 'h')
  const stream = session.receive('xhr_streaming')
  await stream.when('three heartbeats', text => /\nh\nh\nh\n$/.test(text))
  stream.drop()
})

test('SockJS: whose websocket is open and answers no pings', { timeout: 2 * PONG_WAIT }, async () => {
  const others = await watching()
  const { url } = new SockjsPoll(demo)
  const socket = await Raw.open(demo, { path: `${url}/websocket` })
  socket.answerPings = false
  assert.equal(await socket.next(), 'o')
  socket.send([JSON.stringify(join)])
  await frozen('it', others, INTERVAL + PONG_WAIT + SLACK)
  await socket.closed()
  assert.equal(socket.texts.at(-1), 'c[3000,"No response from heartbeat"]')
})

/** Whose stream shows that it is dead to nothing but the network; for those of Primus see its own heartbeat. */
const unseen = ({ transformer, transport, path }) =>
  transformer === 'sockjs' && (['xhr-streaming', 'eventsource'].includes(transport) || path)

/** engine.io forgets its only timer of such a session when it is upgraded. */
const immortal = ({ version, upgrades }) => upstream && upgrades && [3, 7].includes(version)

test('whoever has a network that swallows everything', { timeout: 3 * PONG_WAIT }, async () => {
  const seen = SUBJECTS.filter(subject =>
    subject.transformer !== 'websockets' && !unseen(subject) && !immortal(subject))
  const seats = await sitAll(seen, demo, { proxied: true })
  const witness = await sit(SUBJECTS[0], demo)
  const room = await roomOf(witness, ...seats)
  const names = new Map()
  for (const seat of seats) names.set(await seat.id(), seat.subject.name)
  await Promise.all(seats.map(seat => seat.settled()))
  for (const seat of seats) seat.proxy.hold()
  let left = []
  await until('all have left', async () => {
    left = (await witness.members(room)).filter(id => names.has(id))
    return left.length === 0
  }, INTERVAL + PONG_WAIT + SLACK, () => `still there: ${left.map(id => names.get(id)).join('; ')}`)
})
