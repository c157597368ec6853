// Primus' own heartbeat, which runs on top of every transport's own.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { EnginePoll, SockjsPoll, dropRequests, messages } from '../lib/transports/polls.mjs'
import { roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until } from '../lib/wait.mjs'

const INTERVAL = 400
const SLACK = 2_000
const demo = useStage({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: String(INTERVAL) })
const PRIMUS = SUBJECTS.filter(({ mount }) => mount === '/primus')
afterEach(dropRequests)

test('all answer five pings and stay', async () => {
  const seats = await sitAll(PRIMUS, demo)
  await Promise.all(seats.map(async seat => {
    const id = await seat.id()
    const pings = []
    seat.link.client.on('incoming::ping', ms => pings.push(Number(ms)))
    await until(`five pings at ${seat.subject.name}`, () => pings.length >= 5, 20 * INTERVAL)
    assert.ok(pings.every(ms => Math.abs(ms - Date.now()) < 60_000), 'they carry the time')
    assert.equal(await seat.id(), id)
    assert.deepEqual([seat.strange, seat.failures, seat.losses.length], [[], [], 0], seat.subject.name)
  }))
})

test('who has become deaf is closed, and comes back', async () => {
  const seats = await sitAll(PRIMUS, demo)
  for (const { link } of seats) link.client.removeAllListeners('incoming::ping')
  for (const seat of seats) {
    await seat.welcomes.next(10 * INTERVAL)
    assert.equal(seat.isClosed, false, seat.subject.name)
  }
})

test('whoever has a network that swallows everything leaves its rooms', async () => {
  const [witness, ...seats] = [await sit(SUBJECTS[0], demo), ...await sitAll(PRIMUS, demo, { proxied: true })]
  const room = await roomOf(witness, ...seats)
  const names = new Map()
  for (const seat of seats) names.set(await seat.id(), seat.subject.name)
  await Promise.all(seats.map(seat => seat.settled()))
  for (const seat of seats) seat.proxy.hold()
  let left = []
  await until('all have left', async () => {
    left = (await witness.members(room)).filter(id => names.has(id))
    return left.length === 0
  }, 3 * INTERVAL + SLACK, () => `still there: ${left.map(id => names.get(id)).join('; ')}`)
})

test('plain clients are not pinged by Primus', async () => {
  const plain = SUBJECTS.filter(({ mount }) => mount !== '/primus')
  const seats = await Promise.all(plain.map(subject => sit(subject, demo)))
  const primus = await sit(SUBJECTS[0], demo)
  let pings = 0
  primus.link.client.on('incoming::ping', () => { pings += 1 })
  await until('others are', () => pings >= 3, 20 * INTERVAL)
  for (const seat of seats) {
    await seat.id()
    assert.deepEqual([seat.strange, seat.isClosed], [[], false], seat.subject.name)
  }
})

test('by hand on SockJS: the ping is a message like others, and without a pong the session ends', async () => {
  const session = new SockjsPoll(demo, '/primus')
  const stream = session.receive('xhr_streaming')
  await stream.when('a ping', text => /a\[.*primus::ping::\d{13}/.test(text))
  const lines = (await stream.end(5 * INTERVAL)).split('\n').slice(1, -1)
  assert.equal(lines.shift(), 'o')
  const said = lines.filter(line => line.startsWith('a')).flatMap(messages)
  assert.match(said.at(-1), /^primus::ping::\d{13}$/)
  assert.equal(said.length, 2, 'the welcome and one ping; nothing that forbids to come back')
  assert.match(lines.at(-1), /^c\[\d+,/)
})

test('by hand on engine.io: who polls and gives no pong is closed', async () => {
  const poll = await EnginePoll.open(demo, { mount: '/primus/' })
  let last
  const polls = (async () => { for (;;) last = await poll.get(5 * INTERVAL) })()
  await assert.rejects(polls, /polled with 400/)
  assert.match(last, /(^|\u001e)1$/, 'the last packet says so')
})
