// How long somebody is waited for who may come back, how much is kept for him, and what others see of him meanwhile.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { Line, claim, events, lineAt, member, pollAt } from '../lib/transports/socketio-wire.mjs'
import { until } from '../lib/wait.mjs'

const WINDOW = 1_500
const MESSAGES = 20
const demo = useDemo()
const brief = useDemo({ PLAYHOUSE_SOCKETIO__RECOVERY_WINDOW: String(WINDOW) })
const few = useDemo({ PLAYHOUSE_SOCKETIO__RECOVERY_MESSAGES: String(MESSAGES) })
const off = useDemo({ PLAYHOUSE_SOCKETIO__RECOVERY_WINDOW: 'false' })
const beating = useDemo({ PLAYHOUSE_ENGINEIO__PING_INTERVAL: '300', PLAYHOUSE_ENGINEIO__PING_TIMEOUT: '300' })
const watchers = new Map()

before(async () => {
  for (const one of [demo, brief, few, off, beating]) {
    await one.ready
    watchers.set(one, await Watcher.open(one))
  }
})
after(() => watchers.forEach(watcher => watcher.leave()))

/** What others see of somebody. */
async function seen (server, id) {
  const { data } = await watchers.get(server).ask({ event: 'roomView', room: ROOM })
  return data.members[id]
}

const absent = (server, id) => until('others see that it is absent', async () => (await seen(server, id))?.absent, 2_000)

/** Says things in the room. */
async function say (server, ...texts) {
  for (const text of texts) await watchers.get(server).say(text)
}

/** It was recovered as that one, and misses these. */
async function recovered (line, before, missed) {
  assert.deepEqual([line.sid, line.pid], [before.sid, before.pid])
  assert.deepEqual(await events(line, missed.length), missed)
  assert.equal((await line.lives()).id, before.sid)
  assert.deepEqual(line.texts, [], 'nothing twice')
}

/** It is somebody else altogether. */
async function another (line, before) {
  assert.notEqual(line.sid, before.sid)
  assert.notEqual(line.pid, before.pid)
  assert.deepEqual(await events(line, 1), ['welcome'])
  assert.deepEqual((await line.lives()).rooms, [])
  assert.deepEqual(line.texts, [])
}

describe('while it is waited for', () => {
  test('somebody is still a member, and absent; afterwards he is not absent', async () => {
    const old = await member(demo)
    assert.ok(!('absent' in await seen(demo, old.sid)))
    const { joinedAt } = await seen(demo, old.sid)
    old.destroy()
    await absent(demo, old.sid)
    assert.deepEqual(await seen(demo, old.sid), { id: old.sid, joinedAt, absent: true })
    const line = await claim(demo, { pid: old.pid, offset: old.offset })
    assert.deepEqual(await seen(demo, line.sid), { id: old.sid, joinedAt })
  })

  test('also to one of socket.io', async () => {
    const [old, other] = [await member(demo), await member(demo)]
    old.destroy()
    await absent(demo, old.sid)
    const { data } = await other.ask(['roomView', ROOM])
    assert.equal(data.members[old.sid].absent, true)
    assert.ok(!data.members[other.sid].absent)
  })

  test('who falls silent is absent when the heartbeat says so', async () => {
    const old = await member(beating)
    old.pong = false
    await old.ends()
    await absent(beating, old.sid)
    const line = await claim(beating, { pid: old.pid, offset: old.offset })
    await recovered(line, old, [])
  })

  test('who ends the engine politely, but no namespace, may come back', async () => {
    const old = await member(demo)
    old.send('1')
    await old.ends()
    await recovered(await claim(demo, { pid: old.pid, offset: old.offset }), old, [])
  })

  test('who goes before anything was said to him is absent too', async () => {
    const session = await pollAt(demo)
    const { wire } = session.get()
    await watchers.get(demo).ask({ event: 'detailsView' })
    wire.destroy()
    const line = await claim(demo, { pid: session.pid, offset: session.offset })
    assert.equal(line.sid, session.id)
  })
})

describe('when the window is over', () => {
  test('he has left, not before, and somebody new comes back', async () => {
    const old = await member(brief)
    const gone = Date.now()
    old.destroy()
    await absent(brief, old.sid)
    await watchers.get(brief).misses(old.sid, WINDOW + 3_000)
    const lasted = Date.now() - gone
    assert.ok(lasted >= WINDOW - 50, `left after ${lasted} ms`)
    await another(await claim(brief, { pid: old.pid, offset: old.offset }), old)
  })

  test('it begins anew with each absence', async () => {
    let line = await member(brief)
    const first = line
    const begun = Date.now()
    while (Date.now() - begun < 2 * WINDOW) {
      line.destroy()
      await absent(brief, first.sid)
      const next = await claim(brief, { pid: line.pid, offset: line.offset })
      await say(brief, 'still')
      await recovered(next, first, ['still'])
      line = next
    }
    assert.ok(await seen(brief, first.sid))
  })

  test('it is not over for who is there', async () => {
    const [here, gone] = [await member(brief), await member(brief)]
    gone.destroy()
    const line = await claim(brief, { pid: here.pid, offset: here.offset })
    await watchers.get(brief).misses(gone.sid, WINDOW + 3_000)
    assert.equal((await line.lives()).id, here.sid)
    assert.ok(await seen(brief, here.sid))
  })
})

describe('no more is kept', () => {
  test('than so many messages', async () => {
    const texts = Array.from({ length: MESSAGES - 2 }, (_, n) => `text ${n}`)
    const [one, other, none] = [await member(few), await member(few), await Line.begin(few)]
    Object.assign(none, await none.connect())
    await none.ask(['roomAdd', ROOM])
    for (const line of [one, other, none]) line.destroy()
    await say(few, ...texts)
    await recovered(await claim(few, { pid: one.pid, offset: one.offset }), one, texts)
    await say(few, ...texts.slice(0, 5))
    await another(await claim(few, { pid: other.pid, offset: other.offset }), other)
    await another(await claim(few, { pid: none.pid }), none)
  })

  test('than the last messages of who was there all the time', async () => {
    const old = await member(few)
    const texts = Array.from({ length: 3 * MESSAGES }, (_, n) => `text ${n}`)
    await say(few, ...texts)
    assert.deepEqual(await events(old, texts.length), texts)
    old.destroy()
    await say(few, ...texts.slice(0, 10))
    await recovered(await claim(few, { pid: old.pid, offset: old.offset }), old, texts.slice(0, 10))
  })

  test('than a megabyte', async () => {
    const [one, other] = [await member(demo), await member(demo)]
    const large = 'x'.repeat(400_000)
    one.destroy()
    await say(demo, large, large)
    await recovered(await claim(demo, { pid: one.pid, offset: one.offset }), one, [large, large])
    other.destroy()
    await say(demo, large)
    await another(await claim(demo, { pid: other.pid, offset: other.offset }), other)
  })
})

test('where it is switched off there is no key, no offset, and nobody is waited for', async () => {
  const line = await Line.begin(off)
  const connect = await line.connect()
  assert.deepEqual(Object.keys(connect), ['sid'])
  const welcome = await line.event()
  assert.deepEqual([welcome.length, welcome[0]], [2, 'welcome'])
  await line.ask(['roomAdd', ROOM])
  await say(off, 'hello')
  const chat = await line.event()
  assert.deepEqual([chat.length, chat[1].message], [2, 'hello'])
  line.destroy()
  await watchers.get(off).misses(connect.sid)
  const again = await lineAt(off, { auth: { pid: 'x', offset: 'x-1' } })
  assert.notEqual(again.sid, connect.sid)
})
