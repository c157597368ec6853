// Who a connection is. What others see of it must not be what its session can be taken over with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sit, sitAll, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'

const demo = useStage()
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ENGINE = SUBJECTS.filter(({ transformer }) => transformer === 'engine.io')
const PRIMUS = SUBJECTS.filter(({ mount }) => mount === '/primus')

for (const subject of SUBJECTS) {
  test(`${subject.name}: its id is of the same kind on every transport`, async () => {
    const seat = await sit(subject, demo)
    const id = await seat.id()
    assert.match(id, UUID)
    const room = await roomOf(seat)
    assert.deepEqual(await seat.members(room), [id])
    await seat.say(room, 'who am I?')
    assert.equal((await seat.heard.next()).from, id)
    await seat.settled()
    assert.equal(await seat.id(), id, 'the same after an upgrade')
    await seat.end()
  })
}

for (const subject of ENGINE) {
  test(`${subject.name}: the session's id is a secret, and appears in no frame`, async () => {
    const seat = await sit(subject, demo)
    const frames = []
    seat.onFrame = (_, frame) => frames.push(JSON.stringify(frame))
    const sid = seat.link.sid()
    assert.match(sid, /^[\w-]{20,}$/)
    assert.notEqual(sid, await seat.id())
    const room = await roomOf(seat)
    await seat.members(room)
    await seat.say(room, 'hello')
    await seat.heard.next()
    await seat.act('echo', { p: 'x' })
    assert.ok(frames.length >= 6)
    for (const text of frames) assert.ok(!text.includes(sid), text)
    assert.ok(!JSON.stringify(seat.welcome).includes(sid))
    await seat.end()
  })
}

for (const subject of PRIMUS) {
  test(`${subject.name}: the id of its spark`, async () => {
    const seat = await sit(subject, demo)
    const spark = await seat.link.sparkId()
    if (subject.transformer === 'engine.io') assert.equal(spark, seat.link.sid())
    else assert.equal(spark, await seat.id())
    await seat.settled()
    assert.equal(await seat.link.sparkId(), spark, 'it is constant')
    assert.deepEqual(seat.strange, [], 'the answer is no frame of the application')
    await seat.end()
  })

  test(`${subject.name}: who asks on the wire gets the same answer`, async () => {
    const seat = await sit(subject, demo)
    const { client } = seat.link
    const answer = new Promise(resolve => client.once('incoming::id', resolve))
    client._write('primus::id::')
    assert.equal(await answer, await seat.link.sparkId())
    await seat.end()
  })
}

test('no two sessions have the same id, and none is like another', async () => {
  const seats = await sitAll([...ENGINE, ...ENGINE, ...ENGINE], demo)
  const sids = seats.map(seat => seat.link.sid())
  assert.equal(new Set(sids).size, sids.length)
})

test('a session of one mount is unknown at the others', async () => {
  const plain = await sit(SUBJECTS.find(({ name }) => name === 'engine.io-client 6, polling'), demo)
  const primus = await sit(SUBJECTS.find(({ name }) => name === 'Primus 8 on engine.io, polling'), demo)
  for (const [seat, path] of [[plain, '/primus/'], [primus, '/engine.io/']]) {
    const answer = await fetch(`${demo.url}${path}?EIO=4&transport=polling&sid=${seat.link.sid()}`)
    assert.equal(answer.status, 400)
    assert.equal((await answer.json()).code, 1)
    assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number', 'and goes on')
  }
})
