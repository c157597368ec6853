// Networks without websockets, and what a client's own list of transports is worth there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSockjs } from '../lib/transports/plain.mjs'
import { openPrimus } from '../lib/transports/primus.mjs'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'

const demo = useStage()

const STOCK = [
  { name: 'sockjs-client as it comes', open: (url, tell) => openSockjs({}, url, tell) },
  ...[8, 7].map(version => ({
    name: `Primus ${version} on sockjs as it comes`,
    open: (url, tell) => openPrimus({ version, transformer: 'sockjs' }, url, tell)
  }))
]

for (const subject of STOCK) {
  test(`${subject.name}: takes a websocket`, async () => {
    const seat = await sit(subject, demo)
    assert.equal(seat.transport(), 'websocket')
    assert.match(await seat.id(), /^[\w-]{36}$/)
    await seat.end()
  })

  test(`${subject.name}: takes a stream where websockets do not pass`, async () => {
    const seat = await sit(subject, demo, { sockets: 'none' })
    assert.equal(seat.transport(), 'xhr-streaming')
    const room = await roomOf(seat)
    await seat.say(room, 'through')
    assert.equal((await seat.heard.next()).message, 'through')
    assert.deepEqual(await seat.members(room), [await seat.id()], 'nothing is left of the attempt')
    await seat.end()
  })
}

test('Primus on sockjs without websockets takes one all the same: that is its client', async () => {
  const open = (url, tell) => openPrimus({ version: 8, transformer: 'sockjs', options: { websockets: false } }, url, tell)
  const seat = await sit({ name: 'Primus 8 on sockjs', open }, demo)
  assert.equal(seat.transport(), 'websocket')
  await seat.end()
})

test('a query of the user is kept, whatever stands before it', async () => {
  for (const transformer of ['websockets', 'engine.io', 'sockjs']) {
    const open = (url, tell) => openPrimus({ version: 8, transformer }, `${url}/?transport=x&token=a%26b`, tell)
    const seat = await sit({ name: `Primus 8 on ${transformer}`, open }, demo)
    assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number', transformer)
    await seat.end()
  }
})
