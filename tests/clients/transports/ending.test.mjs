// Every kind of end is the end at once: the room is left when it happens, and not when some timer finds out. The
// shortest of those timers takes five seconds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { until, within } from '../lib/wait.mjs'

const demo = useStage()
const AT_ONCE = 2_000

/** A client, and another one in the same room that tells who is there. */
async function two (subject) {
  const [seat, witness] = await Promise.all([sit(subject, demo, { proxied: true }), sit(SUBJECTS[0], demo)])
  const room = await roomOf(witness, seat)
  await seat.settled()
  const alone = () => until(`${subject.name} has left the room`,
    async () => (await witness.members(room)).length === 1, AT_ONCE)
  return { seat, witness, room, alone }
}

for (const subject of SUBJECTS) {
  test(`${subject.name}: ends by itself`, async () => {
    const { seat, alone } = await two(subject)
    await seat.end()
    await alone()
    assert.deepEqual([seat.strange, seat.failures], [[], []])
  })

  test(`${subject.name}: is cut`, async () => {
    const { seat, alone } = await two(subject)
    seat.cut()
    await alone()
    await seat.noticed(() => seat.isClosed || seat.losses.length > 0)
  })

  test(`${subject.name}: is ended by the server, after all that it was to hear`, async () => {
    const { seat, room, alone } = await two(subject)
    const replies = Promise.all(['a', 'b', 'c'].map(text => seat.say(room, text)))
    seat.link.send({ event: 'quit', messageId: 'quit' })
    seat.link.send({ event: 'say', room, message: 'too late', messageId: 'late' })
    await replies
    const reason = await within(5_000, `${subject.name} has ended`, seat.closed)
    assert.deepEqual((await seat.heard.take(3)).map(({ message }) => message), ['a', 'b', 'c'])
    await alone()
    assert.deepEqual([seat.heard.length, seat.welcomes.length, seat.strange, seat.failures], [0, 0, [], []])
    if (subject.comesBack) assert.equal(reason, 'end', 'it was told not to come back')
    else if (subject.transformer === 'sockjs') assert.match(reason, /^100[05] /)
    else assert.equal(reason, 'transport close')
  })
}

for (const subject of SUBJECTS.filter(({ upgrades }) => upgrades)) {
  test(`${subject.name}: ends in the middle of its upgrade`, async () => {
    const witness = await sit(SUBJECTS[0], demo)
    const room = await roomOf(witness)
    const seat = await sit(subject, demo, { slow: 40 })
    const joined = seat.join(room)
    assert.equal(seat.transport(), 'polling')
    seat.leave()
    // What it had sent before is done, or not, but it does not stay.
    joined.catch(() => {})
    await within(10_000, 'it has ended', seat.closed)
    await until('it has left', async () => (await witness.members(room)).length === 1, AT_ONCE)
    await until('its connections are closed', () => seat.proxy.pairs.size === 0, AT_ONCE)
    assert.equal((await witness.members(room)).length, 1)
  })

  test(`${subject.name}: is cut in the middle of its upgrade`, async () => {
    const witness = await sit(SUBJECTS[0], demo)
    const room = await roomOf(witness)
    const seat = await sit(subject, demo, { slow: 40 })
    await seat.join(room)
    const id = await seat.id()
    seat.cut()
    await seat.noticed(() => seat.isClosed || seat.losses.length > 0)
    // The cut may have come between two polls: then the heartbeat finds out.
    const others = await witness.members(room)
    assert.ok(others.length === 1 || others.includes(id))
  })
}
