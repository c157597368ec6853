// A server that is told to stop: work in progress ends well, new work is refused with a text, and
// clients know whether to come back.

import assert from 'node:assert/strict'
import net from 'node:net'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect } from '../lib/client.mjs'
import { launch, startDemo } from '../lib/demo.mjs'
import { HOST } from '../lib/host.mjs'
import { request } from '../lib/http.mjs'
import { rawConnect } from '../lib/raw.mjs'
import { event, within } from '../lib/wait.mjs'

const STOPPING = 'the server is shutting down'

function sleep (raw, sleepDuration, messageId) {
  raw.send({ event: 'action', params: { action: 'sleepTest', sleepDuration }, messageId })
}

/** Tells the demo to stop and waits until it shows that it heard. */
async function tell (demo, raw, signal = 'SIGTERM') {
  demo.child.kill(signal)
  let n = 0
  for (;;) {
    const { error } = await raw.ask({ event: 'action', params: { action: 'noSuchAction' }, messageId: `probe-${++n}` })
    if (error === STOPPING) return
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal}: what runs ends, what is new is refused, then 1001 without the close packet`, async () => {
    const demo = await startDemo()
    const raw = await rawConnect(demo)
    sleep(raw, 1_000, 'running')
    assert.deepEqual(await raw.settled(), [])
    await tell(demo, raw, signal)

    const refused = await raw.ask({ event: 'action', params: { action: 'randomNumber' }, messageId: 'new' })
    assert.deepEqual(refused, { error: STOPPING, context: 'response', messageId: 'new' })
    const done = await raw.value()
    assert.equal(done.messageId, 'running')
    assert.ok(done.sleepDelta >= 999)
    assert.equal(await raw.closed(), 1001)
    assert.deepEqual(raw.texts, [], 'nothing more is sent, no close packet either')
    assert.deepEqual(await within(5_000, 'the process ends', demo.exit), { code: 0, signal: null })
  })
}

test('who asks a second time does not wait for what runs', async () => {
  const demo = await startDemo()
  const raw = await rawConnect(demo)
  sleep(raw, 60_000, 'running')
  await raw.settled()
  await tell(demo, raw, 'SIGINT')
  demo.child.kill('SIGINT')
  assert.deepEqual(await within(5_000, 'the process ends', demo.exit), { code: 1, signal: null })
  assert.match(demo.log, /stopped at once, as asked for twice/)
})

test('verbs are answered until the end, and nobody new comes in', async () => {
  const demo = await startDemo()
  const raw = await rawConnect(demo)
  sleep(raw, 1_000, 'running')
  await raw.settled()
  await tell(demo, raw)
  assert.equal((await raw.ask({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 })).status, 'OK')
  const turnedAway = await new Promise(resolve => {
    const socket = net.connect(demo.port, HOST)
    socket.on('error', () => resolve(true))
    socket.on('close', () => resolve(true))
    socket.on('connect', () => socket.write('GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n'))
    socket.on('data', data => resolve(/^HTTP\/1\.1 503/.test(data)))
  })
  assert.ok(turnedAway, 'a new connection is refused, closed, or answered with 503')
  await raw.closed()
  await demo.exit
})

test('an HTTP request in progress is answered', async () => {
  const demo = await startDemo()
  const raw = await rawConnect(demo)
  const slow = request(demo, 'GET', '/api/sleepTest?sleepDuration=800')
  // Nothing shows from outside that the request has begun; many round trips beside it give it time.
  for (let n = 0; n < 50; n++) await raw.settled()
  sleep(raw, 500, 'running')
  await raw.settled()
  await tell(demo, raw)
  const { status, json } = await slow
  assert.equal(status, 200)
  assert.equal(json.sleepDuration, 800)
  await demo.exit
})

test('with destroy_clients_on_shutdown the close packet comes first', async () => {
  const demo = await startDemo({ PLAYHOUSE_WEBSOCKET__DESTROY_CLIENTS_ON_SHUTDOWN: 'true' })
  const raw = await rawConnect(demo)
  demo.child.kill('SIGTERM')
  assert.equal(await raw.next(), '"primus::server::close"')
  await raw.closed()
  assert.deepEqual(raw.texts, [])
  await demo.exit
})

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('by default it comes back when the server does', async () => {
      const first = await startDemo()
      const a = await connect(first.url, { primus })
      const down = event(a.client, 'close', undefined, 10_000)
      const stopped = first.stop()
      await down
      const open = event(a.client, 'open', undefined, 20_000)
      await stopped
      const second = await launch({ env: { PORT: String(first.port) } }).listening()
      await open
      assert.equal((await ask(a, 'detailsView')).status, 'OK')
      a.disconnect()
      await second.stop()
    })

    test('with destroy_clients_on_shutdown it stays away', async () => {
      const demo = await startDemo({ PLAYHOUSE_WEBSOCKET__DESTROY_CLIENTS_ON_SHUTDOWN: 'true' })
      const a = await connect(demo.url, { primus })
      let again = 0
      a.client.on('reconnect scheduled', () => { again += 1 })
      const ended = event(a.client, 'end')
      await demo.stop()
      await ended
      assert.equal(again, 0)
    })
  })
}
