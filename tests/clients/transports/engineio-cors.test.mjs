// Which pages may use engine.io, and what their browsers are told: the same policy for polling, websockets and refusals.

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startDemo, useDemo } from '../lib/demo.mjs'
import { Raw } from '../lib/raw.mjs'
import { ENGINE, PRIMUS, Session, connected, exchange, handshake, upgradeRefused } from '../lib/transports/engine.mjs'

const GOOD = 'http://good.example'
const EVIL = 'http://evil.example'
const FORBIDDEN = { code: 4, message: 'Forbidden' }

const open = useDemo()
const listed = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__ORIGINS: GOOD })

/** What a cross-origin answer has to say. */
function allowed (headers, origin) {
  assert.equal(headers['access-control-allow-origin'], origin)
  assert.match(headers.vary ?? '', /Origin/i)
}

function nothing (headers) {
  for (const name of Object.keys(headers)) assert.ok(!name.startsWith('access-control-'), `${name}: ${headers[name]}`)
}

const preflight = (demo, origin, path = ENGINE, headers = {}) => exchange(demo, 'OPTIONS', handshake({}, path), {
  headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type, x-a', ...headers }
}).answer

for (const path of [ENGINE, PRIMUS]) {
  describe(`everybody is welcome on ${path}`, () => {
    test('by name, in every answer of a session', async () => {
      const session = await connected(open, { path, headers: { Origin: EVIL } })
      allowed(session.answer.headers, EVIL)
      const post = await session.post(['4{"event":"detailsView","messageId":1}'], { headers: { Origin: EVIL } }).answer
      assert.equal(post.body, 'ok')
      allowed(post.headers, EVIL)
      const get = await session.get({ headers: { Origin: EVIL } }).answer
      assert.equal(get.status, 200)
      allowed(get.headers, EVIL)
    })

    test('also for a page without an address of its own', async () => {
      const { answer } = await Session.open(open, { path, headers: { Origin: 'null' } })
      allowed(answer.headers, 'null')
    })

    test('also in refusals, or the page would not see why', async () => {
      for (const params of [{ EIO: 9 }, { transport: 'x' }, { sid: 'nobody' }, { transport: 'websocket' }]) {
        const { status, headers } = await exchange(open, 'GET', handshake(params, path), { headers: { Origin: EVIL } }).answer
        assert.equal(status, 400)
        allowed(headers, EVIL)
      }
    })

    test('a body too long is answered with them as well', async () => {
      const session = await connected(open, { path })
      const { status, headers } = await session.post('', { headers: { Origin: EVIL, 'Content-Length': 20_000_000 } }).answer
      assert.equal(status, 413)
      allowed(headers, EVIL)
    })

    test('a preflight is answered before anything is asked of the query', async () => {
      for (const target of [handshake({}, path), handshake({ sid: 'nobody' }, path), handshake({ EIO: 9 }, path)]) {
        const { status, headers, body } = await exchange(open, 'OPTIONS', target, {
          headers: { Origin: EVIL, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type, x-a' }
        }).answer
        assert.deepEqual([status, body], [204, ''], target)
        allowed(headers, EVIL)
        assert.equal(headers['access-control-allow-methods'], 'GET, POST, OPTIONS')
        assert.equal(headers['access-control-allow-headers'], 'content-type, x-a')
        assert.equal(headers['access-control-max-age'], '86400')
      }
    })

    test('without an origin nothing is said of origins', async () => {
      const { answer } = await Session.open(open, { path })
      nothing(answer.headers)
    })
  })

  describe(`only some are welcome on ${path}`, () => {
    test('those of the list, the page\'s own, and who is no page', async () => {
      for (const origin of [GOOD, undefined, `http://${listed.host}`]) {
        const session = await connected(listed, { path, headers: { Origin: origin } })
        if (origin === GOOD) allowed(session.answer.headers, GOOD)
        const raw = await session.candidate({ headers: { Origin: origin } })
        raw.send('2probe')
        assert.equal(await raw.next(), '3probe')
        raw.destroy()
      }
    })

    test('others are refused, whatever they ask', async () => {
      const session = await connected(listed, { path })
      for (const origin of [
        EVIL, 'https://good.example', 'http://good.example:8080', 'http://good.example.evil.example', 'http://xgood.example', 'null',
        'nonsense', `http://${listed.host}0`
      ]) {
        const headers = { Origin: origin }
        for (const [method, url, body] of [
          ['GET', handshake({}, path)], ['GET', session.url()], ['POST', session.url(), '1'], ['GET', handshake({ EIO: 9 }, path)]
        ]) {
          const { status, json, headers: got } = await exchange(listed, method, url, { headers, body }).answer
          assert.deepEqual([status, json], [403, FORBIDDEN], `${method} from ${origin}`)
          nothing(got)
        }
      }
      assert.equal((await session.ask({ event: 'detailsView', messageId: 1 })).messageId, 1, 'undisturbed')
    })

    test('others get no websocket, new or for a session that they know of', async () => {
      const session = await connected(listed, { path })
      for (const params of [{}, { sid: session.sid }]) {
        const url = handshake({ transport: 'websocket', ...params }, path)
        const { refusal } = await upgradeRefused(listed, url, { headers: { Origin: EVIL } })
        assert.deepEqual(refusal, [403, 4, 'Forbidden'])
      }
      const raw = await session.upgraded()
      raw.destroy()
    })

    test('a preflight of others allows nothing', async () => {
      const { status, headers } = await preflight(listed, EVIL, path)
      assert.equal(status, 403)
      nothing(headers)
      assert.equal((await preflight(listed, GOOD, path)).status, 204)
    })
  })
}

test('a list of several, with commas', async () => {
  const demo = await startDemo({ PLAYHOUSE_WEBSOCKET__SERVER__ORIGINS: `${GOOD}, http://better.example` })
  try {
    for (const origin of [GOOD, 'http://better.example']) {
      allowed((await Session.open(demo, { headers: { Origin: origin } })).answer.headers, origin)
    }
    assert.equal((await exchange(demo, 'GET', handshake(), { headers: { Origin: EVIL } }).answer).status, 403)
  } finally {
    await demo.kill()
  }
})

describe('an origin that is none', () => {
  for (const origin of ['http://a\x01b', 'http://a\x7fb', 'http://a\x1bb']) {
    test(`${JSON.stringify(origin)} is a bad request`, async () => {
      const { status, json, headers } = await exchange(open, 'GET', handshake(), { headers: { Origin: origin } }).answer
      assert.equal(status, 400)
      // Who reads the head may refuse it before engine.io sees it.
      if (json) assert.equal(json.code, 3)
      nothing(headers)
    })
  }
})

describe('credentials', () => {
  let without
  after(() => without?.kill())

  test('are allowed where they are configured, as the demo has them', async () => {
    const { answer } = await Session.open(open, { headers: { Origin: EVIL } })
    assert.equal(answer.headers['access-control-allow-credentials'], 'true')
    assert.equal((await preflight(open, EVIL)).headers['access-control-allow-credentials'], 'true')
  })

  test('and are not where they are switched off', async () => {
    without = await startDemo({ PLAYHOUSE_WEBSOCKET__SERVER__CREDENTIALS: 'false' })
    const { answer } = await Session.open(without, { headers: { Origin: EVIL } })
    assert.ok([EVIL, '*'].includes(answer.headers['access-control-allow-origin']))
    assert.equal(answer.headers['access-control-allow-credentials'], undefined)
    assert.equal((await preflight(without, EVIL)).headers['access-control-allow-credentials'], undefined)
  })
})

test('no cookie is set, by polling or by a websocket', async () => {
  const session = await Session.open(open, { headers: { Cookie: 'io=stolen; sessionID=x', Origin: EVIL } })
  assert.equal(session.answer.headers['set-cookie'], undefined)
  assert.notEqual(session.sid, 'stolen')
  const raw = await Raw.open(open, { path: handshake({ transport: 'websocket' }), headers: { Cookie: 'io=stolen', Origin: EVIL } })
  assert.match(await raw.next(), /^0\{/)
  raw.destroy()
})
