// Primus' clients come back by themselves, on every transport, as new connections. Nothing of the old one stays.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launch } from '../lib/demo.mjs'
import { roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until } from '../lib/wait.mjs'

const demo = useStage()
const PRIMUS = SUBJECTS.filter(({ comesBack }) => comesBack)

for (const subject of PRIMUS) {
  test(`${subject.name}: comes back after a cut, and works`, async () => {
    const [seat, witness] = await Promise.all([sit(subject, demo, { proxied: true }), sit(SUBJECTS[0], demo)])
    const room = await roomOf(witness, seat)
    const before = await seat.id()
    await seat.settled()
    seat.cut()
    await seat.noticed(() => seat.welcomes.length > 0)
    assert.deepEqual(await seat.welcomes.next(), seat.welcome)
    const { id, rooms } = await seat.verb('detailsView')
    assert.notEqual(id, before)
    assert.deepEqual(rooms, [], 'the server sees a new connection')
    await until('the old one has left', async () => !(await witness.members(room)).includes(before), 2_000)
    await seat.join(room)
    assert.deepEqual((await witness.members(room)).sort(), [await witness.id(), id].sort())
    await seat.settled()
    await seat.say(room, 'back again')
    for (const listener of [seat, witness]) {
      const { message, from } = await listener.heard.next()
      assert.deepEqual([message, from], ['back again', id], listener.subject.name)
    }
    assert.equal(seat.heard.length, 0, 'and once')
    assert.deepEqual(seat.strange, [])
    await seat.end()
  })

  test(`${subject.name}: what is written meanwhile is sent after the return, in order`, async () => {
    const seat = await sit(subject, demo, { proxied: true })
    await seat.settled()
    seat.cut()
    await seat.noticed(() => seat.losses.length > 0)
    const room = 'defaultRoom'
    const joined = seat.join(room)
    const said = ['one', 'two', 'three'].map(text => seat.say(room, `${text} of ${subject.name}`))
    await Promise.all([joined, ...said])
    const heard = (await seat.heard.take(3)).map(({ message }) => message.split(' ')[0])
    assert.deepEqual(heard, ['one', 'two', 'three'])
    await seat.end()
  })

  test(`${subject.name}: comes back again and again`, async () => {
    const [seat, witness] = await Promise.all([sit(subject, demo, { proxied: true }), sit(SUBJECTS[0], demo)])
    const room = await roomOf(witness)
    for (let n = 0; n < 5; n++) {
      await seat.join(room)
      const id = await seat.id()
      await seat.settled()
      seat.cut()
      await seat.noticed(() => seat.welcomes.length > 0)
      await seat.welcomes.next()
      await until('the old one has left', async () => !(await witness.members(room)).includes(id), 2_000)
    }
    assert.equal((await witness.members(room)).length, 1)
    await seat.end()
  })
}

for (const how of ['stop', 'kill']) {
  test(`all find their server again after a ${how}`, async () => {
    const first = await launch({}).listening()
    const seats = await sitAll(PRIMUS, first)
    await Promise.all(seats.map(seat => seat.settled()))
    await first[how]()
    const second = await launch({ env: { PORT: String(first.port) } }).listening()
    try {
      await Promise.all(seats.map(seat => seat.noticed(() => seat.welcomes.length > 0, 20_000)))
      for (const seat of seats) {
        assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number', seat.subject.name)
        assert.equal(seat.isClosed, false)
      }
    } finally {
      for (const seat of seats) seat.leave()
      await second.stop()
    }
  })
}
