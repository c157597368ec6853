// Who sends more at once than may be sent loses its own connection, and nobody else's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { ours } from '../lib/transports/upstream.mjs'
import { until, within } from '../lib/wait.mjs'

const LIMIT = 100_000
const demo = useStage({
  PLAYHOUSE_ENGINEIO__MAX_PAYLOAD: String(LIMIT),
  PLAYHOUSE_SOCKJS__MESSAGE_LIMIT: String(LIMIT),
  PLAYHOUSE_WEBSOCKET__SERVER__MAX_LENGTH: String(LIMIT)
})

/** Engine.io's client of version 3 is told no limit: what it posts may be as large as a message of Primus. */
const free = ({ version, transformer, transport }) =>
  [3, 7].includes(version) && transformer === 'engine.io' && transport === 'polling'

const limited = ({ transformer, mount, transport }) =>
  transformer !== 'sockjs' || (mount === '/primus' && transport === 'websocket') ? {} : ours('SockJS has no limit')

for (const subject of SUBJECTS.filter(subject => !free(subject))) {
  test(`${subject.name}: more than the limit`, limited(subject), async () => {
    const [seat, witness] = await Promise.all([sit(subject, demo), sit(SUBJECTS[0], demo)])
    const room = await roomOf(witness, seat)
    const id = await seat.id()
    await seat.settled()
    seat.link.send({ event: 'say', room, message: 'x'.repeat(2 * LIMIT), messageId: 'large' })
    if (subject.comesBack) await until('it has lost its connection', () => seat.losses.length > 0, 10_000)
    else await within(10_000, `${subject.name} has ended`, seat.closed)
    await until('it has left the room', async () => !(await witness.members(room)).includes(id), 2_000)
    await witness.say(room, 'undisturbed')
    assert.equal((await witness.heard.next()).message, 'undisturbed', 'and what was too large is not heard')
    assert.deepEqual([witness.losses.length, witness.failures], [0, []])
    seat.leave()
  })
}

for (const subject of SUBJECTS.filter(subject => free(subject) && subject.mount === '/engine.io/')) {
  test(`${subject.name}: was told no limit, and may send more`, ours('it has one limit for all'), async () => {
    const seat = await sit(subject, demo)
    const p = 'x'.repeat(3 * LIMIT)
    assert.equal((await seat.act('echo', { p })).len, p.length)
    await seat.end()
  })
}

test('engine.io tells its clients the limit, and version 6 keeps it', async () => {
  const subject = SUBJECTS.find(({ name }) => name === 'engine.io-client 6, polling')
  const seat = await sit(subject, demo)
  const room = await roomOf(seat)
  const message = 'x'.repeat(LIMIT / 4)
  await Promise.all(Array.from({ length: 20 }, () => seat.say(room, message)))
  assert.equal((await seat.heard.take(20)).length, 20)
  await seat.end()
})
