// The heartbeat of Primus, made short by configuration: the server pings clients of 7 and 8, clients
// of 6 ping the server, and who gives no sign of life is closed so that it comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, connect, record } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { PING, encode, rawConnect } from '../lib/raw.mjs'
import { event, until } from '../lib/wait.mjs'

const INTERVAL = 400
const demo = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: String(INTERVAL) })
const PINGED = /^"primus::ping::(\d{13})"$/

/** Counts the pings and pongs of a Primus client. */
function pulse (client) {
  const seen = { pinged: 0, ponged: 0 }
  client.client.on('incoming::ping', () => { seen.pinged += 1 })
  client.client.on('incoming::pong', () => { seen.ponged += 1 })
  return seen
}

for (const primus of [8, 7]) {
  test(`the client of Primus ${primus} answers and stays`, async () => {
    const a = await connect(demo.url, { primus, pingTimeout: 4 * INTERVAL })
    const seen = pulse(a)
    const lost = record(a, 'disconnected')
    await until('five pings', () => seen.pinged >= 5, 20 * INTERVAL)
    assert.deepEqual(lost, [])
    assert.equal((await ask(a, 'detailsView')).status, 'OK')
    a.disconnect()
  })
}

test('the client of Primus 6 pings, gets pongs, and is pinged no more', async () => {
  const a = await connect(demo.url, { primus: 6, ping: INTERVAL / 4, pong: 2 * INTERVAL })
  const seen = pulse(a)
  const lost = record(a, 'disconnected')
  const data = []
  a.on('message', frame => { if (typeof frame === 'string') data.push(frame) })
  await until('many pongs', () => seen.ponged >= 12, 20 * INTERVAL)
  assert.deepEqual(lost, [])
  assert.deepEqual(data, [], 'a ping of ours would reach the application as data')
  a.disconnect()
})

test('the first ping comes within one interval and carries the time', async () => {
  const started = Date.now()
  const raw = await rawConnect(demo)
  const [, ms] = PINGED.exec(await raw.next())
  assert.ok(Math.abs(Number(ms) - Date.now()) < 1_000)
  assert.ok(Date.now() - started < INTERVAL + 200, `after ${Date.now() - started} ms`)
  raw.destroy()
})

test('who is silent is closed, without the close packet', async () => {
  const raw = await rawConnect(demo)
  assert.match(await raw.next(), PINGED)
  const code = await raw.closed(5 * INTERVAL)
  assert.deepEqual(raw.texts, [], 'one ping, and no packet that forbids to come back')
  assert.notEqual(code, 1008)
})

test('data alone is no sign of life', async () => {
  const raw = await rawConnect(demo)
  const timer = setInterval(() => raw.send({ event: 'detailsView', messageId: 1 }), INTERVAL / 5)
  try {
    await raw.closed(6 * INTERVAL)
    assert.ok(!raw.texts.includes('"primus::server::close"'))
  } finally {
    clearInterval(timer)
  }
})

test('a pong is a sign of life, and so is a websocket ping', async () => {
  const pongs = await rawConnect(demo)
  const pings = await rawConnect(demo)
  for (let n = 0; n < 4; n++) {
    const [, ms] = PINGED.exec(await pongs.next(3 * INTERVAL))
    pongs.send(JSON.stringify(`primus::pong::${ms}`))
    assert.match(await pings.next(3 * INTERVAL), PINGED)
    pings.write(encode(PING, `alive ${n}`))
    await pings.when('a websocket pong', () => pings.controls.length > n)
  }
  assert.deepEqual(pings.controls, ['alive 0', 'alive 1', 'alive 2', 'alive 3'])
  assert.ok(!pongs.gone && !pings.gone)
  pongs.destroy()
  pings.destroy()
})

test('who pings us gets pongs with the same number and no pings', async () => {
  const raw = await rawConnect(demo)
  const end = Date.now() + 4 * INTERVAL
  for (let n = 1; Date.now() < end; n++) {
    raw.send(JSON.stringify(`primus::ping::${n}`))
    assert.equal(await raw.next(), `"primus::pong::${n}"`)
    await pause(INTERVAL / 4)
  }
  assert.deepEqual(await raw.settled(), [])
  raw.destroy()
})

test('a client that was dropped for silence reconnects', async () => {
  const a = await connect(demo.url, { primus: 8, pingTimeout: 60_000 })
  // The client's own answer to pings is switched off: it has become deaf.
  a.client.removeAllListeners('incoming::ping')
  const open = event(a.client, 'open', undefined, 10 * INTERVAL)
  await open
  assert.equal((await ask(a, 'detailsView')).status, 'OK')
  a.disconnect()
})
