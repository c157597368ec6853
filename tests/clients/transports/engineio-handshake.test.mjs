// How an engine.io session begins, and every query that does not begin one.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { get } from '../lib/http.mjs'
import { Wire } from '../lib/raw.mjs'
import {
  BAD_REQUEST, ENGINE, PRIMUS, Session, UNKNOWN_SID, connected, exchange, handshake, refusal, socket, strangeId, target,
  upgradeRefused
} from '../lib/transports/engine.mjs'

const demo = useDemo()

const BAD_PROTOCOL = [400, 5, 'Unsupported protocol version']
const BAD_TRANSPORT = [400, 0, 'Transport unknown']
const BAD_METHOD = [400, 2, 'Bad handshake method']

describe('a session begins', () => {
  test('with polling: the open packet, in a payload of its own form', async () => {
    for (const eio of [4, 3]) {
      const { answer, data } = await Session.open(demo, { eio })
      const { sid, ...settings } = data
      assert.match(sid, /^[A-Za-z0-9_-]{20,}$/)
      assert.deepEqual(settings, { upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 })
      assert.match(answer.headers['content-type'], /^text\/plain; charset=UTF-8$/i)
      assert.match(answer.headers['cache-control'], /no-store/)
      assert.equal(Number(answer.headers['content-length']), answer.bytes.length)
      assert.equal(answer.headers['set-cookie'], undefined, 'no cookie unless it is switched on')
    }
  })

  test('with a websocket: the open packet is the first message, the welcome the next', async () => {
    for (const eio of [4, 3]) {
      const raw = await socket(demo, { eio })
      const { sid, ...settings } = raw.data
      assert.match(sid, /^[A-Za-z0-9_-]{20,}$/)
      assert.deepEqual(settings, { upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 })
      raw.destroy()
    }
  })

  test('with the welcome, then it answers', async () => {
    const session = await connected(demo)
    assert.equal((await session.ask({ event: 'detailsView', messageId: 1 })).status, 'OK')
    const reply = await session.ask({ event: 'action', params: { action: 'randomNumber' }, messageId: 2 })
    assert.equal(typeof reply.randomNumber, 'number')
    assert.equal(reply.messageId, 2)
  })

  test('on /primus with the message limit of Primus', async () => {
    const { data } = await Session.open(demo, { path: PRIMUS, params: { b64: 1, _primuscb: 'Q7z' } })
    assert.equal(data.maxPayload, 10_485_760)
  })

  test('and so do two requests on one connection', async () => {
    const wire = new Wire(demo)
    const first = await Session.open(demo, { wire })
    const second = await Session.open(demo, { wire })
    assert.notEqual(first.sid, second.sid)
    wire.destroy()
  })
})

describe('the session id', () => {
  test('is no id that others see, and appears in no frame', async () => {
    const session = await connected(demo)
    const reply = await session.ask({ event: 'detailsView', messageId: 1 })
    assert.ok(!JSON.stringify(reply).includes(session.sid))
    assert.ok(!session.sid.includes(reply.data.id))
  })

  test('has 128 random bits', async () => {
    const wire = new Wire(demo)
    const ids = []
    for (let n = 0; n < 600; n++) ids.push((await Session.open(demo, { wire })).sid)
    wire.destroy()
    assert.equal(new Set(ids).size, ids.length)
    let bits = 0
    for (let at = 0; at < ids[0].length; at++) bits += Math.log2(new Set(ids.map(id => id[at])).size)
    assert.ok(bits > 127, `the places of an id differ by ${bits.toFixed(1)} bits`)
  })

  test('is a string and nothing more', async () => {
    const strange = [
      '__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '..', '%00', '%ff%fe', '%', '%zz', '%F0%9F%98%80', strangeId(),
      'x'.repeat(10_000)
    ]
    for (const sid of strange) {
      assert.deepEqual(await refusal(demo, 'GET', handshake({ sid })), UNKNOWN_SID, sid.slice(0, 20))
      assert.deepEqual(await refusal(demo, 'POST', handshake({ sid }), { body: '4{}' }), UNKNOWN_SID, sid.slice(0, 20))
      assert.deepEqual((await upgradeRefused(demo, handshake({ sid, transport: 'websocket' }))).refusal, UNKNOWN_SID, sid.slice(0, 20))
    }
  })

  test('may be bytes that are no text at all', async () => {
    const { status } = await exchange(demo, 'GET', handshake({ sid: '\xff\xfe\x80' })).answer
    assert.equal(status, 400)
  })

  test('of one mount is unknown on the other', async () => {
    for (const [own, other] of [[ENGINE, PRIMUS], [PRIMUS, ENGINE]]) {
      const session = await Session.open(demo, { path: own })
      assert.deepEqual(await refusal(demo, 'GET', handshake({ sid: session.sid }, other)), UNKNOWN_SID)
      const { refusal: refused } = await upgradeRefused(demo, handshake({ sid: session.sid, transport: 'websocket' }, other))
      assert.deepEqual(refused, UNKNOWN_SID)
      assert.ok((await session.packet()).startsWith('4'), 'undisturbed')
    }
  })
})

describe('a query that is refused', () => {
  for (const [params, expected, method = 'GET'] of [
    [{ EIO: undefined }, BAD_PROTOCOL],
    [{ EIO: '' }, BAD_PROTOCOL],
    [{ EIO: 2 }, BAD_PROTOCOL],
    [{ EIO: 5 }, BAD_PROTOCOL],
    [{ EIO: '4x' }, BAD_PROTOCOL],
    [{ EIO: '04' }, BAD_PROTOCOL],
    [{ EIO: 'toString' }, BAD_PROTOCOL],
    [{ transport: undefined }, BAD_TRANSPORT],
    [{ transport: '' }, BAD_TRANSPORT],
    [{ transport: 'flashsocket' }, BAD_TRANSPORT],
    [{ transport: 'webtransport' }, BAD_TRANSPORT],
    [{ transport: 'POLLING' }, BAD_TRANSPORT],
    [{ transport: '__proto__' }, BAD_TRANSPORT],
    [{ sid: 'nobody' }, UNKNOWN_SID],
    [{}, BAD_METHOD, 'POST'],
    [{}, BAD_METHOD, 'PUT'],
    [{}, BAD_METHOD, 'DELETE'],
    [{}, BAD_METHOD, 'PATCH'],
    [{ transport: 'websocket' }, BAD_REQUEST],
    [{ j: 0 }, BAD_REQUEST],
    // The first that fails decides.
    [{ EIO: 9, transport: 'x', sid: 'nobody' }, BAD_PROTOCOL, 'PUT'],
    [{ transport: 'x', sid: 'nobody' }, BAD_TRANSPORT, 'PUT'],
    [{ sid: 'nobody', j: 0 }, UNKNOWN_SID, 'PUT'],
    [{ transport: 'websocket', sid: 'nobody' }, UNKNOWN_SID],
    [{ transport: 'websocket', j: 0 }, BAD_METHOD, 'POST'],
    // Of names that stand twice the first counts.
    [{ 'EIO=9&EIO': 4 }, BAD_PROTOCOL],
    [{ 'transport=x&transport': 'polling' }, BAD_TRANSPORT]
  ]) {
    test(`${method} ${target('', asked(params))}: ${expected[2]}`, async () => {
      for (const path of [ENGINE, PRIMUS]) {
        // Without one of the two names it is no engine.io on /primus.
        if (path === PRIMUS && Object.values(params).includes(undefined)) continue
        const { status, headers, json } = await exchange(demo, method, target(path, asked(params))).answer
        assert.deepEqual([status, json], [expected[0], { code: expected[1], message: expected[2] }])
        assert.match(headers['content-type'], /^application\/json/)
      }
    })
  }

  test('is refused to a websocket in HTTP, with the same words', async () => {
    for (const [params, expected] of [
      [{ EIO: 7 }, BAD_PROTOCOL],
      [{ EIO: undefined }, BAD_PROTOCOL],
      [{ transport: 'x' }, BAD_TRANSPORT],
      [{ sid: 'nobody' }, UNKNOWN_SID],
      [{ j: 1 }, BAD_REQUEST]
    ]) {
      const { refusal: refused, headers } = await upgradeRefused(demo, handshake({ transport: 'websocket', ...params }))
      assert.deepEqual(refused, expected, JSON.stringify(params))
      assert.match(headers['content-type'], /^application\/json/)
    }
  })

  test('with an id of another protocol, or of a session that is on its websocket', async () => {
    for (const [eio, other] of [[4, 3], [3, 4]]) {
      const session = await connected(demo, { eio })
      assert.deepEqual(await refusal(demo, 'GET', session.url({ EIO: other })), BAD_REQUEST)
      assert.deepEqual(await refusal(demo, 'POST', session.url({ EIO: other }), { body: '4{}' }), BAD_REQUEST)
      assert.equal((await session.ask({ event: 'detailsView', messageId: 1 })).messageId, 1, 'undisturbed')
      const raw = await socket(demo, { eio })
      assert.deepEqual(await refusal(demo, 'GET', handshake({ EIO: eio, sid: raw.data.sid })), BAD_REQUEST)
      assert.deepEqual(await refusal(demo, 'POST', handshake({ EIO: eio, sid: raw.data.sid }), { body: '4{}' }), BAD_REQUEST)
      assert.deepEqual(raw.texts, [])
      assert.ok(!raw.gone)
      raw.destroy()
    }
  })

  test('with an id and a method that does nothing', async () => {
    const session = await connected(demo)
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      assert.deepEqual(await refusal(demo, method, session.url(), { body: '4{}' }), BAD_REQUEST, method)
    }
    assert.equal((await session.ask({ event: 'detailsView', messageId: 1 })).messageId, 1, 'undisturbed')
  })
})

test('names that nobody knows are ignored, and of two that are known the first counts', async () => {
  const params = { token: 'a%20b', '': '', 'EIO=4&EIO': 9, 'transport=polling&transport': 'x' }
  const { status } = await exchange(demo, 'GET', target(ENGINE, params)).answer
  assert.equal(status, 200)
  const session = await connected(demo)
  const other = await connected(demo)
  await session.send({ event: 'detailsView', messageId: 'mine' })
  const twice = session.url({ [`sid=${session.sid}&sid`]: other.sid, sid: undefined })
  const { status: second, body } = await exchange(demo, 'GET', twice).answer
  assert.equal(second, 200)
  assert.match(body, /"mine"/)
})

describe('which requests are engine.io at all', () => {
  test('a longer name is another path', async () => {
    for (const path of ['/engine.iox/', '/primusx/', '/engine.io.js']) {
      assert.equal((await get(demo, handshake({}, path))).status, 404, path)
    }
  })

  test('on /primus only with both names', async () => {
    for (const params of [{ EIO: 4 }, { transport: 'polling' }]) {
      assert.equal((await get(demo, target(PRIMUS, params))).status, 426, JSON.stringify(params))
    }
    assert.equal((await get(demo, handshake({}, '/primus'))).status, 200, 'the slash at the end does not matter')
  })

  test('HTTP/1.0, with and without keep-alive', async () => {
    const last = await exchange(demo, 'GET', handshake(), { version: '1.0' })
    assert.match((await last.answer).body, /^0\{/)
    await last.wire.rest()
    const wire = new Wire(demo)
    for (let n = 0; n < 2; n++) {
      const { body } = await exchange(demo, 'GET', handshake(), { version: '1.0', wire, headers: { Connection: 'keep-alive' } }).answer
      assert.match(body, /^0\{/)
    }
    wire.destroy()
  })
})

/** The query of a handshake with those changes. */
function asked (params) {
  const names = Object.keys(params).join()
  return { ...(/EIO=/.test(names) ? {} : { EIO: 4 }), ...(/transport=/.test(names) ? {} : { transport: 'polling' }), ...params }
}
