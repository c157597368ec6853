// Through nginx and haproxy, told what docs/proxies.md tells people, every client does what it does without them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KINDS, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'

const demo = useStage()
const front = useFronts(demo)
const MANY = 50

for (const kind of KINDS) {
  for (const subject of GUESTS) {
    test(`${kind.program}: ${subject.name} connects, acts and speaks`, async () => {
      const seat = await sit(subject, front(kind))
      await seat.settled()
      assert.equal(seat.transport(), subject.transport)
      assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number')
      const room = await roomOf(seat)
      await Promise.all(Array.from({ length: MANY }, (_, n) => seat.say(room, `${n} 漢`)))
      const heard = await seat.heard.take(MANY)
      assert.deepEqual(heard.map(({ message }) => message), Array.from({ length: MANY }, (_, n) => `${n} 漢`))
      assert.deepEqual([seat.strange, seat.failures, seat.losses.length, seat.isClosed], [[], [], 0, false])
      await seat.end()
    })

    test(`${kind.program}: ${subject.name} gets large messages whole`, async () => {
      const seat = await sit(subject, front(kind))
      await seat.settled()
      const p = 'x'.repeat(subject.large - 1_000)
      const reply = await seat.act('echo', { p })
      assert.deepEqual([reply.len, reply.p === p], [p.length, true])
      await seat.end()
    })
  }

  test(`${kind.program}: all are in one room, with some who came without it`, async () => {
    const seats = [...await sitAll(GUESTS, front(kind)), ...await sitAll(GUESTS, demo)]
    const room = await roomOf(...seats)
    const ids = await Promise.all(seats.map(seat => seat.id()))
    await Promise.all(seats.map((seat, n) => seat.say(room, `I am ${n}`)))
    const wanted = ids.map((id, n) => `${id}: I am ${n}`).sort()
    for (const seat of seats) {
      const heard = await seat.heard.take(seats.length)
      assert.deepEqual(heard.map(({ from, message }) => `${from}: ${message}`).sort(), wanted, seat.subject.name)
    }
    assert.deepEqual((await seats[0].members(room)).sort(), ids.sort())
  })
}
