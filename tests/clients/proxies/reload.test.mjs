// Proxies that take a new configuration, die and come back, or find nobody behind them for a while.

import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { launch } from '../lib/demo.mjs'
import { KINDS } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { Seat, roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'
import { until } from '../lib/wait.mjs'

// A proxy that takes a new configuration closes connections that are kept alive. In node sockjs-client loses a request that
// it sends on one in that moment; browsers send it again.
http.globalAgent = new http.Agent({ keepAlive: false })

/** How long nobody answers; sessions of SockJS are forgotten meanwhile. */
const AWAY = 1_500
const demo = useStage({ PLAYHOUSE_SOCKJS__DISCONNECT_DELAY: '1000' })
const FOUND_AGAIN = 20_000
const COMING_BACK = GUESTS.filter(({ comesBack }) => comesBack)
const RECOVERING = GUESTS.filter(({ transformer }) => transformer === 'socket.io')
const nameOf = ({ subject }) => subject.name

/** sockjs-client asks on and on for an event stream while nobody answers; it notices when somebody does. */
const stubborn = ({ subject }) => subject.transport === 'eventsource'

/** Resolves when all have noticed that the proxy was away, for whom it comes back meanwhile. */
async function noticed (seats, condition, comeBack) {
  const notice = seats => Promise.all(seats.map(seat => seat.noticed(() => condition(seat))))
  await notice(seats.filter(seat => !stubborn(seat)))
  await pause(AWAY)
  await comeBack()
  await notice(seats.filter(stubborn))
}

/** A front for one test. */
async function before (kind, at, act) {
  const front = await kind.before(at)
  try {
    await act(front)
  } finally {
    await front.stop()
  }
}

async function acts (seat) {
  assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number', nameOf(seat))
}

for (const kind of KINDS) {
  test(`${kind.program}: nobody notices that it takes a new configuration`, { timeout: 60_000 }, () =>
    before(kind, demo, async front => {
      const seats = await sitAll(GUESTS, front)
      const room = await roomOf(...seats)
      const ids = await Promise.all(seats.map(seat => seat.id()))
      await Promise.all(seats.map(seat => seat.settled()))
      for (let n = 0; n < 3; n++) {
        await front.reload()
        await Promise.all(seats.map(seat => seat.say(room, `after reload ${n}`)))
        for (const seat of seats) assert.equal((await seat.heard.take(seats.length)).length, seats.length, nameOf(seat))
      }
      assert.deepEqual(await Promise.all(seats.map(seat => seat.id())), ids)
      for (const seat of seats) {
        assert.deepEqual([seat.strange, seat.failures, seat.losses.length, seat.isClosed], [[], [], 0, false], nameOf(seat))
      }
      await Promise.all((await sitAll(GUESTS, front)).map(acts))
    }))

  test(`${kind.program}: who comes back by itself does so when it was killed`, { timeout: 60_000 }, () =>
    before(kind, demo, async front => {
      const seats = await sitAll(COMING_BACK, front)
      await Promise.all(seats.map(seat => seat.settled()))
      await front.kill()
      await noticed(seats, seat => seat.losses.length > 0, () => front.begin())
      await Promise.all(seats.map(acts))
      for (const seat of seats) assert.equal(seat.isClosed, false, nameOf(seat))
    }))

  test(`${kind.program}: who does not come back is told when it was killed`, { timeout: 60_000 }, () =>
    before(kind, demo, async front => {
      const seats = await sitAll(GUESTS.filter(({ comesBack }) => !comesBack), front)
      await Promise.all(seats.map(seat => seat.settled()))
      await front.kill()
      await noticed(seats, seat => seat.isClosed, () => front.begin())
    }))

  for (const subject of RECOVERING) {
    test(`${kind.program}: ${subject.name} recovers what it missed while it was dead`, { timeout: 60_000 }, () =>
      before(kind, demo, async front => {
        const [seat, witness] = await Promise.all([sit(subject, front), sit(subject, demo)])
        const room = await roomOf(witness, seat)
        const id = await seat.id()
        await seat.settled()
        assert.equal(seat.link.client.recovered, false)
        for (let n = 0; n < 3; n++) {
          await witness.say(room, `before ${n}`)
          await seat.heard.next()
          await front.kill()
          await until('it notices', () => seat.losses.length > n)
          const missed = ['one', 'two', 'three'].map(text => `${text} of ${n}`)
          for (const text of missed) await witness.say(room, text)
          await front.begin()
          await until('it has recovered', () => seat.link.client.connected, FOUND_AGAIN)
          assert.equal(seat.link.client.recovered, true)
          assert.deepEqual((await seat.heard.take(3)).map(({ message }) => message), missed)
          assert.equal(await seat.id(), id)
          await seat.settled()
        }
        await seat.say(room, 'it is still in its room')
        assert.equal((await seat.heard.next()).message, 'it is still in its room')
        assert.deepEqual([seat.heard.length, seat.strange, seat.welcomes.length], [0, [], 0])
      }))
  }

  test(`${kind.program}: all find their server again when that was killed behind it`, { timeout: 60_000 }, async () => {
    const first = await launch({}).listening()
    await before(kind, first, async front => {
      const seats = await sitAll(COMING_BACK, front)
      await Promise.all(seats.map(seat => seat.settled()))
      await first.kill()
      const late = new Seat(GUESTS.find(({ transport }) => transport === 'polling'))
      late.begin(front.url)
      await until('who comes now is told', () => late.failures.length > 0 || late.isClosed)
      late.leave()
      let second
      await noticed(seats, seat => seat.losses.length > 0, async () => {
        second = await launch({ env: { PORT: String(first.port) } }).listening()
      })
      try {
        await Promise.all(seats.map(seat => seat.welcomes.next(FOUND_AGAIN)))
        await Promise.all(seats.map(acts))
      } finally {
        await Promise.all(seats.map(seat => seat.end()))
        await second.stop()
      }
    })
  })
}
