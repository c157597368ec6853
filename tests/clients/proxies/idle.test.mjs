// Proxies end what has been silent for too long. The heartbeats of every transport are sign of life enough; without them
// it would be over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { useDemo } from '../lib/demo.mjs'
import { KINDS, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { roomOf, sitAll, useStage } from '../lib/transports/seat.mjs'
import { until } from '../lib/wait.mjs'

const PATIENCE = 2_000
const HEARTBEAT = 600
const demo = useStage({
  PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: String(HEARTBEAT),
  PLAYHOUSE_ENGINEIO__PING_INTERVAL: String(HEARTBEAT),
  PLAYHOUSE_SOCKJS__HEARTBEAT: String(HEARTBEAT)
})
const edits = {
  nginx: [['proxy_read_timeout 60s;', `proxy_read_timeout ${PATIENCE}ms;`]],
  haproxy: ['client', 'server', 'tunnel'].map(name => [`timeout ${name} 60s`, `timeout ${name} ${PATIENCE}ms`])
}
const front = useFronts(demo, edits)

/** A demo with the heartbeats that it has by default, which are longer than that. */
const slow = useDemo()
const hasty = useFronts(slow, edits)

for (const kind of KINDS) {
  test(`${kind.program}: all stay who say nothing for three times as long as it waits`, { timeout: 30_000 }, async () => {
    const seats = await sitAll(GUESTS, front(kind))
    const room = await roomOf(...seats)
    const ids = await Promise.all(seats.map(seat => seat.id()))
    await Promise.all(seats.map(seat => seat.settled()))
    // This is what is tested: that nothing happens for as long.
    await pause(3 * PATIENCE)
    for (const { subject, strange, failures, losses, isClosed } of seats) {
      assert.deepEqual([strange, failures, losses.length, isClosed], [[], [], 0, false], subject.name)
    }
    await seats[0].say(room, 'still there?')
    for (const seat of seats) assert.equal((await seat.heard.next()).message, 'still there?', seat.subject.name)
    assert.deepEqual(await Promise.all(seats.map(seat => seat.id())), ids, 'they are who they were')
  })

  test(`${kind.program}: without heartbeats in time all are cut off`, { timeout: 30_000 }, async () => {
    // One that does not notice that its stream has broken does not show it either.
    const seats = await sitAll(GUESTS.filter(({ deaf }) => !deaf), hasty(kind))
    await Promise.all(seats.map(seat => seat.settled()))
    const left = () => seats.filter(({ losses, isClosed }) => losses.length === 0 && !isClosed)
    await until('all have been cut off', () => left().length === 0, 3 * PATIENCE,
      () => left().map(({ subject }) => subject.name).join('; '))
  })
}
