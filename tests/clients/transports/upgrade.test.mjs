// The upgrade from polling to a websocket while both sides talk. Nothing is lost, doubled, or out of order, whichever
// of the two carries it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until } from '../lib/wait.mjs'

const demo = useStage()
const UPGRADING = SUBJECTS.filter(({ upgrades }) => upgrades)
const CLIENTS = 10
const MANY = 200
const numbers = Array.from({ length: MANY }, (_, n) => n)

/** Asks one question after the other, without waiting for answers; by which transport each of those came. */
async function talk (seat) {
  const by = []
  seat.onFrame = kind => { if (kind === 'reply') by.push(seat.transport()) }
  const replies = []
  for (const n of numbers) {
    replies.push(seat.ask({ event: 'detailsView', messageId: `question ${n}` }))
    // Some of them alone, some in a burst.
    if (n % 7 < 3) await pause(1)
  }
  await Promise.all(replies)
  return by
}

for (const subject of UPGRADING) {
  for (const slow of [0, 30]) {
    test(`${subject.name}: ${CLIENTS} clients, ${MANY} messages each way, ${slow} ms away`, { timeout: 60_000 }, async () => {
      const speaker = await sit(SUBJECTS[0], demo)
      const room = await roomOf(speaker)
      // Each at a distance of its own, so that everything meets every moment of an upgrade.
      const seats = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => sit(subject, demo, { slow: slow && slow + 3 * n })))
      const joined = seats.map(seat => seat.ask({ event: 'roomAdd', room, messageId: 'join' }))
      const talking = seats.map(talk)
      await Promise.all(joined)
      const said = numbers.map(n => speaker.ask({ event: 'say', room, message: `${n}`, messageId: `say ${n}` }))
      const ways = new Set((await Promise.all(talking)).flat())
      await Promise.all(said)
      for (const seat of seats) {
        const heard = await seat.heard.take(MANY)
        assert.deepEqual(heard.map(({ message }) => message), numbers.map(String))
        assert.deepEqual(seat.answered, ['join', ...numbers.map(n => `question ${n}`)])
        await seat.settled()
        assert.deepEqual([seat.heard.length, seat.strange, seat.failures, seat.isClosed], [0, [], [], false])
      }
      if (slow) assert.deepEqual([...ways].sort(), ['polling', 'websocket'], 'answers came on both')
      await Promise.all(seats.map(seat => seat.end()))
      await until('all have left', async () => (await speaker.members(room)).length === 1)
    })
  }

  test(`${subject.name}: the server speaks all the while`, { timeout: 60_000 }, async () => {
    const speaker = await sit(SUBJECTS[0], demo)
    const room = await roomOf(speaker)
    let speaking = true
    let said = 0
    const speech = (async () => {
      while (speaking) {
        await speaker.say(room, `${said++}`)
        await pause(1)
      }
    })()
    const seats = []
    for (let n = 0; n < CLIENTS; n++) {
      const seat = await sit(subject, demo, { slow: 5 * n })
      seats.push(seat)
      await seat.join(room)
      await seat.settled()
    }
    speaking = false
    await speech
    await speaker.say(room, 'the last')
    for (const seat of seats) {
      await until('it has heard the last', () => seat.heard.items.at(-1)?.message === 'the last')
      const heard = await seat.heard.take(seat.heard.length)
      const first = Number(heard[0].message)
      const wanted = Array.from({ length: said - first }, (_, n) => `${first + n}`)
      assert.deepEqual(heard.map(({ message }) => message), [...wanted, 'the last'], 'without a gap from the first on')
    }
  })

  for (const sockets of ['none', 'some']) {
    test(`${subject.name}: where ${sockets} of a websocket passes it stays on polling, undisturbed`, async () => {
      const speaker = await sit(SUBJECTS[0], demo)
      const seat = await sit(subject, demo, { sockets })
      const room = await roomOf(speaker, seat)
      const [by] = await Promise.all([talk(seat), ...numbers.map(n => speaker.say(room, `${n}`))])
      const heard = await seat.heard.take(MANY)
      assert.deepEqual(heard.map(({ message }) => message), numbers.map(String))
      assert.deepEqual([...new Set(by)], ['polling'])
      assert.deepEqual([seat.transport(), seat.strange, seat.failures, seat.isClosed], ['polling', [], [], false])
      assert.equal(seat.proxy.severed, 1, 'it tried once')
      await seat.end()
      await until('it has left', async () => (await speaker.members(room)).length === 1)
    })
  }
}
