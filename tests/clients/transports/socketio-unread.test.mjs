// Clients that ask for much and read nothing of it: what becomes of them when they are gone, and when they fall silent.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { arrived } from '../lib/transports/engine.mjs'
import { claim, eventPacket, give, packetOn, pollAt } from '../lib/transports/socketio-wire.mjs'

/** So long are a question and its answer; between a session and its connection many wait, or one of the long ones. */
const SHORT = 20_000
const LONG = 150_000

/** An outbox takes four of these answers. */
const settings = answer => ({
  PLAYHOUSE_LIMITS__OUTBOX: String(4 * answer),
  // By so much the outbox of a session is larger.
  PLAYHOUSE_ACTORS__MESSAGE_SIZE: '1024',
  PLAYHOUSE_SOCKETIO__RECOVERY_WINDOW: '300'
})
const demo = useDemo(settings(SHORT))
const beating = useDemo({
  ...settings(LONG),
  PLAYHOUSE_ENGINEIO__PING_INTERVAL: '500',
  PLAYHOUSE_ENGINEIO__PING_TIMEOUT: '500',
  PLAYHOUSE_ENGINEIO__MAX_PAYLOAD: String(20 * LONG)
})
let watcher, another

before(async () => {
  await Promise.all([demo.ready, beating.ready])
  watcher = await Watcher.open(demo)
  another = await Watcher.open(beating)
})
after(() => [watcher, another].forEach(one => one?.leave()))

const echo = (id, length) => eventPacket(['echo', { p: 'e'.repeat(length) }], { id })

/** A member on polling. */
async function memberAt (server) {
  const session = await pollAt(server)
  await give(session, eventPacket(['roomAdd', ROOM], { id: 0 }))
  assert.equal((await packetOn(session)).data[0].status, 'OK')
  return session
}

/**
 * A member on polling that has stopped polling. As many answers wait as the outbox of its session and that of its
 * connection take, and what it sends now is read no more.
 */
async function unread () {
  const session = await memberAt(demo)
  for (let id = 1; id <= 6; id++) assert.deepEqual(await give(session, echo(id, SHORT)), [200, 'ok'])
  return session
}

for (const [what, end] of [
  ['whose session is gone', session => session.post(['1']).answer],
  ['who leaves the namespace', session => give(session, '1')]
]) {
  test(`one ${what} leaves, whatever waits for it, and what it said before is heard`, async () => {
    const session = await unread()
    await give(session, eventPacket(['say', { room: ROOM, message: what }]))
    await end(session)
    await watcher.hears(what)
    await watcher.misses(session.id)
  })
}

test('one who has asked for the end is somebody new when it shows its key, though the end has to wait', async () => {
  const session = await unread()
  const { wire, answer } = session.post([`4${eventPacket(['quit'])}`])
  answer.catch(() => {})
  await arrived(demo, wire)
  const line = await claim(demo, { pid: session.pid, offset: session.offset })
  assert.notEqual(line.sid, session.id)
  assert.notEqual(line.pid, session.pid)
  wire.destroy()
  await watcher.misses(session.id)
})

test('one who asks for more than it takes dies of its heartbeat, though its session is not read meanwhile', async () => {
  const session = await memberAt(beating)
  const { answer } = session.post(Array.from({ length: 12 }, (_, n) => `4${echo(n + 1, LONG)}`), { ms: 60_000 })
  answer.catch(() => {})
  await another.misses(session.id, 5_000)
})
