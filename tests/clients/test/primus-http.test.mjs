// What lies below /primus for plain HTTP, and which upgrades are taken.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startDemo, useDemo } from '../lib/demo.mjs'
import { get, request } from '../lib/http.mjs'
import { Raw, Wire, rawConnect, upgradeRequest } from '../lib/raw.mjs'

const demo = useDemo()

async function upgrade (server, options) {
  const wire = new Wire(server)
  wire.write(upgradeRequest(server, options).text)
  const head = await wire.head()
  return { wire, ...head }
}

describe('without an upgrade', () => {
  test('the base path wants one', async () => {
    for (const path of ['/primus', '/primus/', '/primus?x=1']) {
      const answer = await get(demo, path)
      assert.deepEqual([answer.status, answer.body, answer.headers['content-type']], [426, 'Upgrade Required', 'text/plain'], path)
      assert.equal(answer.headers['cache-control'], 'no-store, no-cache, must-revalidate, max-age=0')
      assert.equal(answer.headers.pragma, 'no-cache')
    }
  })

  test('the specification', async () => {
    const answer = await get(demo, '/primus/spec')
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.deepEqual(Object.keys(answer.json), ['pingInterval', 'pathname', 'version', 'parser', 'transformer'])
    const { version, ...rest } = answer.json
    assert.match(version, /^\d+\.\d+\.\d+/)
    assert.deepEqual(rest, { pingInterval: 30000, pathname: '/primus', parser: 'json', transformer: 'websockets' })
    assert.equal(answer.headers['cache-control'], undefined)
    assert.equal((await request(demo, 'HEAD', '/primus/spec')).status, 200)
  })

  test('a longer name is another path', async () => {
    for (const path of ['/primusfoo', '/primusfoo/spec', '/primus.js']) {
      const answer = await get(demo, path)
      assert.equal(answer.status, 404, path)
    }
    assert.equal((await get(demo, '/primus/nope')).status, 404)
  })
})

describe('upgrades', () => {
  test('the base path and what is below it', async () => {
    for (const path of ['/primus', '/primus/', '/primus/x/y', '/primus?_primuscb=Q7z', '/primus?token=x&_primuscb=Q7z']) {
      const raw = await rawConnect(demo, { path })
      assert.ok(raw.welcome.welcome, path)
      raw.destroy()
    }
  })

  test('elsewhere 404, and the socket is closed', async () => {
    for (const path of ['/', '/api/status', '/primusfoo', '/index.html', '/nope']) {
      const { status, wire } = await upgrade(demo, { path })
      assert.equal(status, 404, path)
      await wire.rest()
    }
  })

  test('compression is not offered unless it is switched on', async () => {
    const { status, headers, wire } = await upgrade(demo, {
      headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }
    })
    assert.equal(status, 101)
    assert.equal(headers['sec-websocket-extensions'], undefined)
    wire.destroy()
  })

  test('a broken handshake is refused', async () => {
    const broken = [
      { headers: { 'Sec-WebSocket-Version': '12' } },
      { headers: { 'Sec-WebSocket-Version': undefined } },
      { key: 'short' },
      { headers: { 'Sec-WebSocket-Key': undefined } }
    ]
    for (const options of broken) {
      const { status, wire } = await upgrade(demo, options)
      assert.ok(status >= 400 && status < 500, `${JSON.stringify(options)} gives ${status}`)
      wire.destroy()
    }
  })
})

describe('other origins', () => {
  test('with origins * every origin is welcome, by name', async () => {
    const answer = await get(demo, '/primus/spec', { origin: 'http://other.example' })
    assert.equal(answer.headers['access-control-allow-origin'], 'http://other.example')
    assert.match(answer.headers.vary, /Origin/)
    assert.equal(answer.headers['access-control-allow-credentials'], 'true')
    const raw = await rawConnect(demo, { headers: { Origin: 'http://other.example' } })
    raw.destroy()
  })

  test('a preflight is answered', async () => {
    const answer = await request(demo, 'OPTIONS', '/primus/spec', {
      headers: { origin: 'http://other.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' }
    })
    const { headers } = answer
    assert.deepEqual([answer.status, answer.body, headers['content-length']], [200, '', '0'])
    assert.equal(headers['access-control-allow-origin'], 'http://other.example')
    assert.equal(headers['access-control-max-age'], '2592000')
    assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, PUT, POST, DELETE, OPTIONS')
    assert.equal(headers['access-control-allow-headers'], 'x-a')
    assert.match(headers.vary, /Origin/)
  })

  test('an origin that is none is refused', async () => {
    for (const origin of ['http://%.example', 'no-scheme.example']) {
      const answer = await get(demo, '/primus/spec', { origin })
      assert.deepEqual([answer.status, answer.headers['content-type']], [403, 'text/plain'])
      assert.match(answer.body, new RegExp(`^Invalid HTTP Access Control \\(CORS\\) request:\\n  Origin: ${origin}\\n  Method: GET`))
    }
  })

  test('with a list, others are refused on HTTP and on upgrades; the log says which line would allow them', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__SERVER__ORIGINS: 'http://good.example' })
    try {
      const good = await Raw.open(server, { headers: { Origin: 'http://good.example' } })
      good.destroy()
      for (let n = 0; n < 3; n++) {
        const { status, wire } = await upgrade(server, { headers: { Origin: 'http://evil.example' } })
        assert.equal(status, 403)
        await wire.rest()
      }
      assert.equal((await get(server, '/primus/spec', { origin: 'http://evil.example' })).status, 403)
      assert.equal((await get(server, '/primus/spec', { origin: 'http://good.example' })).status, 200)
      await server.stop()
      const lines = server.log.split('\n').filter(line => line.includes('http://evil.example'))
      assert.equal(lines.length, 1, 'logged once')
      assert.match(server.log, /origins/)
    } finally {
      await server.kill()
    }
  })
})
