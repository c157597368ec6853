// Connections that begin and do not go on, and connections whose other end has vanished.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, connect } from '../lib/client.mjs'
import { startDemo, useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { Wire, encode, rawConnect, upgradeRequest, TEXT } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'
import { useWitnesses } from '../lib/witness.mjs'

const demo = useDemo()
const witnesses = useWitnesses(demo)

/** The longest that a request's headers may take, from the README's table of limits. */
const HEADER_DEADLINE = Number(process.env.HEADER_DEADLINE ?? 10_000)

/** Sends `begin` and then `more` for ever, until the server answers; gives its answer. */
async function endless (begin, more) {
  const wire = new Wire(demo)
  wire.write(begin)
  const end = Date.now() + 10_000
  while (!wire.gone && !wire.bytes.length && Date.now() < end) {
    await new Promise(resolve => wire.socket.write(more, resolve))
    // Reading comes before more writing, so that the answer is not lost to bytes sent too late.
    await pause(1)
  }
  const { status } = await wire.head()
  wire.socket.end()
  await wire.rest()
  return status
}

test('a header block that never ends is refused at its limit', async () => {
  assert.equal(await endless('GET /api/status HTTP/1.1\r\nHost: x\r\n', `X-Filler: ${'x'.repeat(1_000)}\r\n`), 431)
})

test('one header line that never ends, too', async () => {
  assert.equal(await endless('GET /api/status HTTP/1.1\r\nX-Long: ', 'x'.repeat(1_000)), 431)
})

test('a request line that never ends, too', async () => {
  const status = await endless('GET /', 'x'.repeat(1_000))
  assert.ok([414, 431].includes(status), `answered with ${status}`)
})

test('headers that come drop by drop are given up after a deadline', { timeout: 3 * HEADER_DEADLINE }, async () => {
  const wire = new Wire(demo)
  wire.write('GET /api/status HTTP/1.1\r\nHost: x\r\n')
  const drops = setInterval(() => wire.write('X-Drop: x\r\n'), 200)
  try {
    await wire.when('the server gives up', () => wire.bytes.length || wire.gone, 2 * HEADER_DEADLINE)
    if (wire.bytes.length) assert.equal((await wire.head()).status, 408)
    await wire.rest(2 * HEADER_DEADLINE)
  } finally {
    clearInterval(drops)
  }
})

test('a body that is promised and does not come', async () => {
  const wire = new Wire(demo)
  wire.write('POST /api/randomNumber HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":')
  assert.ok(await witnesses.chat() < 1_000)
  wire.destroy()
})

test('what is not HTTP is answered with 400 or closed', async () => {
  for (const text of ['hello\r\n\r\n', '\u0000\u0001\u0002', '\r\n\r\n\r\n\r\nx', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000']) {
    const wire = new Wire(demo)
    wire.write(Buffer.from(text, 'latin1'))
    wire.socket.end()
    const answer = (await wire.rest(2 * HEADER_DEADLINE)).toString('latin1')
    assert.match(answer, /^$|^HTTP\/1\.[01] (400|505)/, JSON.stringify(text))
  }
})

test('five hundred half requests at once', async () => {
  const { text } = upgradeRequest(demo)
  const wires = Array.from({ length: 500 }, (_, n) => {
    const wire = new Wire(demo)
    wire.write(text.slice(0, n % text.length))
    return wire
  })
  const half = Array.from({ length: 100 }, () => rawConnect(demo))
  for (const raw of await Promise.all(half)) raw.write(encode(TEXT, 'x'.repeat(1_000)).subarray(0, 100))
  assert.ok(await witnesses.chat() < 1_000)
  for (const wire of wires) wire.destroy()
})

test('who vanishes without a word leaves its rooms when the heartbeat notices', async () => {
  const server = await startDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: '400' })
  const proxy = await Proxy.before(server)
  try {
    const stays = await connect(server.url)
    const goes = await connect(proxy.url)
    await ask(stays, 'roomAdd', 'defaultRoom')
    await ask(goes, 'roomAdd', 'defaultRoom')
    assert.equal((await ask(stays, 'roomView', 'defaultRoom')).data.membersCount, 2)
    proxy.hold()
    await until('the room has one member', async () =>
      (await ask(stays, 'roomView', 'defaultRoom')).data.membersCount === 1)
    goes.client.end()
    stays.disconnect()
  } finally {
    proxy.close()
    await server.stop()
  }
})
