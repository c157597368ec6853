// Proxies that let no websocket through: nginx that was not told to pass `Upgrade`, and haproxy that refuses it. Who can
// do without stays undisturbed; who cannot is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionheroWebsocketClient } from '../lib/own.mjs'
import { KINDS, useFronts } from '../lib/proxies.mjs'
import { GUESTS, guest } from '../lib/proxies/subjects.mjs'
import { openEngine, openSockjs } from '../lib/transports/plain.mjs'
import { openPrimus } from '../lib/transports/primus.mjs'
import { Seat, roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { until } from '../lib/wait.mjs'

const demo = useStage()
const front = useFronts(demo, {
  nginx: [
    ['    proxy_set_header Upgrade $http_upgrade;\n', ''],
    ['    proxy_set_header Connection $connection_upgrade;\n', '']
  ],
  haproxy: [['option forwardfor', 'option forwardfor\n  http-request deny if { req.hdr(Upgrade) -i websocket }']]
})
const MANY = 100
const numbers = Array.from({ length: MANY }, (_, n) => `${n}`)

/** Talks both ways, while its attempt to get a websocket fails. */
async function talks (seat) {
  const witness = await sit(GUESTS.find(({ transport }) => transport === 'websocket'), demo)
  const room = await roomOf(witness, seat)
  await Promise.all(numbers.flatMap(n => [witness.say(room, n), seat.act('randomNumber')]))
  const heard = await seat.heard.take(MANY)
  assert.deepEqual(heard.map(({ message }) => message), numbers)
  assert.deepEqual([seat.strange, seat.losses.length, seat.isClosed], [[], 0, false])
  assert.deepEqual((await witness.members(room)).length, 2, 'nothing is left of the attempt')
}

for (const kind of KINDS) {
  for (const subject of GUESTS.filter(({ upgrades }) => upgrades)) {
    test(`${kind.program}: ${subject.name} stays on polling`, async () => {
      const seat = await sit(subject, front(kind))
      await talks(seat)
      assert.deepEqual([seat.transport(), seat.failures], ['polling', []])
      await seat.end()
    })
  }

  for (const subject of GUESTS.filter(({ transport }) => transport !== 'websocket')) {
    test(`${kind.program}: ${subject.name} needs no websocket`, async () => {
      const seat = await sit(subject, front(kind))
      await talks(seat)
      await seat.end()
    })
  }

  for (const subject of GUESTS.filter(({ transport, upgrades }) => transport === 'websocket' && !upgrades)) {
    test(`${kind.program}: ${subject.name} wants nothing else, and is told that it cannot`, async () => {
      const seat = new Seat(subject)
      seat.begin(front(kind).url)
      await until('it is told', () => seat.failures.length > 0 || seat.isClosed, 10_000)
      assert.deepEqual(seat.kinds, [])
      seat.leave()
    })
  }

  test(`${kind.program}: our own client falls back to polling`, async () => {
    const client = new ActionheroWebsocketClient({ url: front(kind).url })
    try {
      await client.connect()
      assert.equal(client.transport, 'polling')
      await client.roomAdd('otherRoom')
      const heard = []
      client.on('say', ({ message }) => heard.push(message))
      await Promise.all([...numbers.map(n => client.say('otherRoom', n)), client.action('randomNumber')])
      await until('all is heard', () => heard.length === MANY)
      assert.deepEqual(heard, numbers)
      // What waits is one request, and the proxy passes its end on.
      const witness = await sit(GUESTS.find(({ transport }) => transport === 'websocket'), demo)
      await witness.join('otherRoom')
      const { id } = client
      await client.disconnect()
      await until('it is gone', async () => !(await witness.members('otherRoom')).includes(id), 2_000)
    } finally {
      await client.disconnect()
    }
  })

  const first = { transports: ['websocket', 'polling'], tryAllTransports: true }
  for (const subject of guest('engine.io-client 6, websocket')) {
    test(`${kind.program}: ${subject.name} first takes what comes next in its list, if it is told to try all`, async () => {
      const open = (url, tell) => openEngine({ version: 6, options: first }, url, tell)
      const seat = await sit({ ...subject, open }, front(kind))
      await talks(seat)
      assert.equal(seat.transport(), 'polling')
      await seat.end()
    })
  }

  const STOCK = [
    ...guest('sockjs-client, websocket').map(subject => ({ ...subject, open: (url, tell) => openSockjs({}, url, tell) })),
    ...guest('Primus 8 on sockjs, websocket').map(subject => ({
      ...subject, open: (url, tell) => openPrimus({ version: 8, transformer: 'sockjs' }, url, tell)
    }))
  ]
  for (const subject of STOCK) {
    test(`${kind.program}: ${subject.name.replace(', websocket', ' as it comes')} takes a stream`, async () => {
      const seat = await sit(subject, front(kind))
      await talks(seat)
      assert.equal(seat.transport(), 'xhr-streaming')
      await seat.end()
    })
  }
}
