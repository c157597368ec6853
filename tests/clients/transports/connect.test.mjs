// Every client of every transport connects without a word of configuration, is welcomed, and gets its answers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'

const demo = useStage()

for (const subject of SUBJECTS) {
  test(`${subject.name}: the welcome first, then answers`, async () => {
    const seat = await sit(subject, demo)
    assert.deepEqual(seat.welcome, { welcome: 'Welcome to the demo api', context: 'api' })
    assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number')
    const first = await seat.id()
    await seat.settled()
    assert.equal(seat.transport(), subject.transport)
    assert.equal(await seat.id(), first, 'the connection is the same on whatever carries it')
    assert.deepEqual(await seat.act('echo', { p: 'é' }), { p: 'é', len: 2, context: 'response', messageId: `${seat.asked}` })
    assert.deepEqual(seat.kinds, ['welcome', ...Array(seat.asked).fill('reply')])
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false])
    await seat.end()
  })

  test(`${subject.name}: what is wrong is answered, and the connection stays`, async () => {
    const seat = await sit(subject, demo)
    const unknown = await seat.ask({ event: 'fly' })
    assert.equal(unknown.error, 'Error: verb not found or not allowed (fly)')
    assert.equal((await seat.ask({ event: 'roomView', room: 'nowhere' })).error, 'Error: connection not in this room (nowhere)')
    assert.deepEqual(await seat.verb('detailsView').then(({ rooms }) => rooms), [])
    await seat.end()
  })
}

test('all of them at once are connections of their own', async () => {
  const seats = await Promise.all([...SUBJECTS, ...SUBJECTS].map(subject => sit(subject, demo)))
  const ids = await Promise.all(seats.map(seat => seat.id()))
  assert.equal(new Set(ids).size, seats.length)
})
