// A thousand frames at once, sent before the first answer is there. All are answered, in their order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'

const demo = useStage()
const MANY = 1_000
const numbers = Array.from({ length: MANY }, (_, n) => n)

for (const subject of SUBJECTS) {
  test(`${subject.name}: ${MANY} questions`, async () => {
    const seat = await sit(subject, demo)
    const ids = numbers.map(n => `burst ${n}`)
    const replies = await Promise.all(ids.map(messageId => seat.ask({ event: 'detailsView', messageId })))
    assert.deepEqual(seat.answered, ids)
    assert.equal(new Set(replies.map(({ data }) => data.id)).size, 1)
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false])
    await seat.end()
  })

  test(`${subject.name}: ${MANY} messages, heard by itself and by another`, async () => {
    const [seat, other] = await Promise.all([sit(subject, demo), sit(SUBJECTS[0], demo)])
    const room = await roomOf(seat, other)
    seat.answered.length = 0
    const ids = numbers.map(n => `say ${n}`)
    await Promise.all(ids.map(messageId => seat.ask({ event: 'say', room, message: messageId, messageId })))
    assert.deepEqual(seat.answered, ids)
    for (const listener of [seat, other]) {
      const heard = await listener.heard.take(MANY)
      assert.deepEqual(heard.map(({ message }) => message), ids, listener.subject.name)
      await listener.id()
      assert.equal(listener.heard.length, 0, 'nothing twice')
    }
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false])
    await seat.end()
  })

  test(`${subject.name}: ${MANY} messages of another, as fast as they come`, async () => {
    const [seat, other] = await Promise.all([sit(subject, demo), sit(SUBJECTS[0], demo)])
    const room = await roomOf(seat, other)
    const wanted = numbers.map(n => `${n}`)
    await Promise.all(wanted.map(message => other.say(room, message)))
    const heard = await seat.heard.take(MANY)
    assert.deepEqual(heard.map(({ message }) => message), wanted)
    await seat.end()
  })
}

test('frames that were sent with the end right behind them are heard', async t => {
  // SockJS' client ends the request that carries them, so that nobody can promise anything.
  const subjects = SUBJECTS.filter(({ transformer, transport }) => transformer !== 'sockjs' || transport === 'websocket')
  for (const subject of subjects) {
    await t.test(subject.name, async () => {
      const [seat, other] = await Promise.all([sit(subject, demo), sit(SUBJECTS[0], demo)])
      const room = await roomOf(other, seat)
      await seat.settled()
      for (const n of numbers.slice(0, 50)) seat.link.send({ event: 'say', room, message: `${n}`, messageId: `${n}` })
      seat.leave()
      const heard = await other.heard.take(50)
      assert.deepEqual(heard.map(({ message }) => message), numbers.slice(0, 50).map(String))
    })
  }
})
