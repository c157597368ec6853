// From polling to a websocket: the way as it should go, in both protocols and on both mounts, and every candidate that
// does not make it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, encode } from '../lib/raw.mjs'
import { Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import {
  BAD_REQUEST, PRIMUS, arrived, askOn, connected, frameOn, message, upgradeRefused
} from '../lib/transports/engine.mjs'

const UPGRADE_TIMEOUT = 1_000
const demo = useDemo({ PLAYHOUSE_ENGINEIO__UPGRADE_TIMEOUT: String(UPGRADE_TIMEOUT) })
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })

/** The session goes on with polling, and a later upgrade succeeds. */
async function undisturbed (session) {
  assert.equal((await session.ask(view('polling'))).messageId, 'polling')
  const raw = await session.upgraded()
  assert.equal((await askOn(raw, view('websocket'))).messageId, 'websocket')
  raw.destroy()
}

describe('the way as it should go', () => {
  for (const [where, options] of [
    ['in protocol 4', {}],
    ['in protocol 3', { eio: 3 }],
    ['in protocol 4 with b64', { params: { b64: 1 } }],
    ['in protocol 3 with b64', { eio: 3, params: { b64: 1 } }],
    ['on /primus', { path: PRIMUS, params: { token: 'x', _primuscb: 'Q7z', b64: 1 } }],
    ['on /primus in protocol 3', { eio: 3, path: PRIMUS, params: { _primuscb: 'Q7z', b64: 1 } }]
  ]) {
    test(where, async () => {
      const session = await connected(demo, options)
      const { answer } = await session.waiting()
      const raw = await session.candidate()
      raw.send('2probe')
      assert.equal(await raw.next(), '3probe')
      assert.deepEqual(session.taken(await answer), ['6'], 'the GET that waited is released')
      raw.send('5')
      assert.equal((await askOn(raw, view(1))).messageId, 1)
      assert.deepEqual(raw.texts, [])
      raw.destroy()
    })
  }

  test('the same connection as before, in its rooms', async () => {
    const session = await member(demo)
    const raw = await session.upgraded()
    assert.equal((await askOn(raw, view(1))).data.id, session.id)
    await watcher.say('over the websocket now')
    assert.equal((await frameOn(raw)).message, 'over the websocket now')
    assert.ok(await watcher.isMember(session.id))
    raw.destroy()
    await watcher.misses(session.id)
    await session.forgotten()
  })

  test('everything in one segment with the request: probe, upgrade, first message', async () => {
    const session = await connected(demo)
    const raw = await session.candidate({ first: ['2probe', '5', message(view(1)), message(view(2))] })
    assert.equal(await raw.next(), '3probe')
    assert.deepEqual([(await frameOn(raw)).messageId, (await frameOn(raw)).messageId], [1, 2])
    raw.destroy()
  })

  test('without a probe', async () => {
    const session = await connected(demo)
    const { answer } = await session.waiting()
    const raw = await session.candidate({ first: ['5'] })
    assert.deepEqual(session.taken(await answer), ['6'])
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    raw.destroy()
  })

  test('between probe and upgrade every GET is answered at once, each with one noop', async () => {
    const session = await connected(demo)
    const raw = await session.probed()
    for (let n = 0; n < 5; n++) assert.deepEqual(await session.poll({ ms: 1_000 }), ['6'])
    raw.send('5')
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    assert.deepEqual(raw.texts, [], 'no noop on the websocket')
    raw.destroy()
  })

  test('before the probe polling goes on unchanged', async () => {
    const session = await connected(demo)
    const raw = await session.candidate()
    const { answer } = await session.waiting()
    await session.send(view(1))
    assert.match((await answer).body, /"messageId":1\}$/)
    assert.deepEqual(raw.texts, [])
    raw.destroy()
  })

  test('the query of the websocket may lack what the user added', async () => {
    const session = await connected(demo, { params: { token: 'x' } })
    const raw = await session.candidate({ params: { token: undefined, t: undefined } })
    raw.send('2probe')
    assert.equal(await raw.next(), '3probe')
    raw.destroy()
  })
})

describe('a candidate is closed, and nothing else', () => {
  for (const [what, spoil] of [
    ['sends a message', raw => raw.send(message(view(1)))],
    ['sends another ping', raw => raw.send('2')],
    ['sends a probe of its own kind', raw => raw.send('2probex')],
    ['sends a pong', raw => raw.send('3probe')],
    ['sends a close packet', raw => raw.send('1')],
    ['sends a noop', raw => raw.send('6')],
    ['sends an empty message', raw => raw.send('')],
    ['sends what is no packet', raw => raw.send('hello')],
    ['sends bytes', raw => raw.write(encode(BINARY, Buffer.from('2probe')))],
    ['sends a broken frame', raw => raw.write(Buffer.from([0xff, 0xff, 0xff]))],
    ['sends nothing in time', () => {}]
  ]) {
    test(`when it ${what}`, async () => {
      const session = await member(demo)
      const raw = await session.candidate()
      spoil(raw)
      await raw.closed(UPGRADE_TIMEOUT + 2_000)
      assert.deepEqual(raw.texts, [])
      assert.ok(await watcher.isMember(session.id))
      await undisturbed(session)
    })
  }

  test('when it has been probed and then says nothing: GETs wait again', async () => {
    const session = await member(demo)
    const raw = await session.probed()
    assert.deepEqual(await session.poll(), ['6'])
    await raw.closed(UPGRADE_TIMEOUT + 2_000)
    const { answer } = await session.waiting()
    await watcher.say('no more noops')
    assert.match((await answer).body, /no more noops/)
    await undisturbed(session)
  })

  test('when its client drops it, before or after the probe', async () => {
    const session = await connected(demo)
    for (const open of ['candidate', 'probed']) {
      const raw = await session[open]()
      raw.destroy()
      await arrived(demo, raw)
    }
    await undisturbed(session)
  })

  test('its time is over with it: a session that upgraded lives on', async () => {
    const session = await connected(demo)
    const raw = await session.upgraded()
    await pause(UPGRADE_TIMEOUT + 300)
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    raw.destroy()
  })
})

describe('a websocket too many', () => {
  /** It is refused or closed; which one is the server's choice. */
  async function turnedAway (session) {
    const url = session.url({ transport: 'websocket' })
    try {
      const raw = await session.candidate()
      await raw.closed()
      assert.deepEqual(raw.texts, [])
    } catch (error) {
      assert.match(error.message, /answered with 400/)
      assert.deepEqual((await upgradeRefused(demo, url)).refusal, BAD_REQUEST)
    }
  }

  test('R12: while there is a candidate', async () => {
    const session = await connected(demo)
    const raw = await session.candidate()
    await turnedAway(session)
    raw.send('2probe')
    assert.equal(await raw.next(), '3probe')
    await turnedAway(session)
    raw.send('5')
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    raw.destroy()
  })

  test('when the session is on its websocket already', async () => {
    const session = await connected(demo)
    const raw = await session.upgraded()
    await askOn(raw, view(1))
    await turnedAway(session)
    assert.equal((await askOn(raw, view(2))).messageId, 2)
    raw.destroy()
  })

  test('R13: a GET or a POST after the switch', async () => {
    const session = await member(demo)
    const raw = await session.upgraded()
    await askOn(raw, view(1))
    assert.deepEqual(await session.refused(), BAD_REQUEST)
    const text = 'posted too late'
    assert.deepEqual((await session.post([message(saying(text))]).answer).json, { code: 3, message: 'Bad request' })
    assert.equal((await askOn(raw, view(2))).messageId, 2)
    assert.ok(!watcher.heard().includes(text))
    raw.destroy()
  })
})
