// Actions and files over plain HTTP.

import assert from 'node:assert/strict'
import http from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ask, stockClient } from '../lib/client.mjs'
import { ROOT, useDemo } from '../lib/demo.mjs'
import { cookieOf, get, request, sendJson } from '../lib/http.mjs'
import { Wire } from '../lib/raw.mjs'

const demo = useDemo()
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const UNKNOWN = 'unknown action or invalid apiVersion'
const METHODS = 'HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE'

function defaultHeaders (answer) {
  const { headers } = answer
  assert.equal(headers['access-control-allow-origin'], '*')
  assert.equal(headers['access-control-allow-methods'], METHODS)
  assert.equal(headers['access-control-allow-headers'], 'Content-Type')
  assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains')
  assert.ok(headers['x-powered-by'])
}

describe('the answer of an action', () => {
  test('its result, then who answered and who asked', async () => {
    const answer = await get(demo, '/api/cacheTest?key=abc&value=def&zzz=1')
    assert.equal(answer.status, 200)
    defaultHeaders(answer)
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(Number(answer.headers['content-length']), answer.bytes.length)
    assert.match(answer.headers['set-cookie'][0], /^sessionID=[0-9a-f]{40};path=\/;expires=[^;]+;$/)
    const expires = new Date(/expires=([^;]+)/.exec(answer.headers['set-cookie'][0])[1])
    assert.ok(Math.abs(expires - Date.now() - 3_600_000) < 60_000, 'the cookie lasts an hour')

    assert.deepEqual(Object.keys(answer.json), ['cacheTestResults', 'serverInformation', 'requesterInformation'])
    const { serverInformation: server, requesterInformation: requester } = answer.json
    assert.deepEqual(Object.keys(server), ['serverName', 'apiVersion', 'requestDuration', 'currentTime'])
    assert.ok(server.requestDuration >= 0)
    assert.ok(Math.abs(Date.now() - server.currentTime) < 60_000)
    assert.deepEqual(Object.keys(requester), ['id', 'fingerprint', 'messageId', 'remoteIP', 'receivedParams'])
    assert.equal(requester.id, `${requester.fingerprint}-${requester.messageId}`)
    assert.match(requester.messageId, UUID)
    assert.match(requester.remoteIP, /127\.0\.0\.1$/)
    assert.deepEqual(requester.receivedParams, { key: 'abc', value: 'def', action: 'cacheTest' },
      'what no action declares is dropped')
    assert.ok(answer.body.startsWith('{\n  "cacheTestResults": {\n    "saveResp": true,'), 'indented with two blanks')
  })

  test('an error is bare text in front', async () => {
    const answer = await get(demo, '/api/cacheTest?key=abc')
    assert.deepEqual(Object.keys(answer.json), ['error', 'serverInformation', 'requesterInformation'])
    assert.equal(answer.json.error, 'value is a required parameter for this action')
  })

  const STATUSES = [
    ['/api/randomNumber', 200, undefined],
    ['/api/noSuchAction', 404, UNKNOWN],
    ['/api', 404, UNKNOWN],
    ['/api/', 404, UNKNOWN],
    ['/api/status/extra', 404, UNKNOWN],
    ['/api//status', 404, UNKNOWN],
    ['/api/toString', 404, UNKNOWN],
    ['/api/__proto__', 404, UNKNOWN],
    ['/api/randomNumber?apiVersion=2', 404, UNKNOWN],
    ['/api/randomNumber?apiVersion=__proto__', 404, UNKNOWN],
    ['/api/randomNumber?apiVersion=1', 200, undefined],
    ['/api/cacheTest?key=abc', 422, 'value is a required parameter for this action'],
    ['/api/createChatRoom?name=', 422, 'name is a required parameter for this action'],
    ['/api/cacheTest?key=ab&value=cd', 500, 'inputs should be at least 3 letters long'],
    ['/api/validationTest?string=x&number=123', 500, 'Failed formatting number correctly!'],
    ['/api/validationTest?string=x&number=5', 500, 'Param number is not a valid number!'],
    ['/api/STATUS/', 200, undefined],
    ['//api/status/', 200, undefined]
  ]
  for (const [path, status, error] of STATUSES) {
    test(`GET ${path} gives ${status}`, async () => {
      const answer = await get(demo, path)
      assert.equal(answer.status, status)
      assert.equal(answer.json.error, error)
      defaultHeaders(answer)
    })
  }

  test('an unknown action shows as null', async () => {
    assert.equal((await get(demo, '/api/noSuchAction')).json.requesterInformation.receivedParams.action, null)
  })
})

describe('parameters', () => {
  const loaded = answer => {
    assert.equal(answer.status, 200, answer.body)
    const { key, value } = answer.json.cacheTestResults.loadResp
    return [key, value]
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`${method} takes a JSON body`, async () => {
      const answer = await sendJson(demo, method, '/api/cacheTest', { key: 12345, value: true })
      assert.deepEqual(loaded(answer), ['cacheTest_12345', 'true'])
      assert.deepEqual(answer.json.requesterInformation.receivedParams, { key: 12345, value: true, action: 'cacheTest' })
    })
  }

  test('the body overwrites the query, both are read', async () => {
    assert.deepEqual(loaded(await sendJson(demo, 'POST', '/api/cacheTest?key=query&value=query', { key: 'body' })), ['cacheTest_body', 'query'])
  })

  test('the query is decoded, blanks and all', async () => {
    assert.deepEqual(loaded(await get(demo, '/api/cacheTest?key=a+b%20c&value=%C3%A9%E6%BC%A2%E5%AD%97')), ['cacheTest_a b c', 'é漢字'])
    assert.deepEqual(loaded(await get(demo, '/api/cacheTest?key=abc&key=def&value=xyz')), ['cacheTest_abc,def', 'xyz'])
    assert.equal((await get(demo, '/api/cacheTest?key=%&value=%ZZ%')).status < 600, true)
  })

  test('an array in a JSON body arrives whole', async () => {
    assert.deepEqual(loaded(await sendJson(demo, 'POST', '/api/cacheTest', { key: ['a', 'b', 'c'], value: 'xyz' })), ['cacheTest_a,b,c', 'xyz'])
  })

  test('the body of a GET is ignored', async () => {
    const answer = await sendJson(demo, 'GET', '/api/cacheTest?key=query&value=query', { key: 'body' })
    assert.deepEqual(loaded(answer), ['cacheTest_query', 'query'])
  })

  test('a malformed body does no harm', async () => {
    for (const body of ['{bad', '', 'null', '5', '"x"', '[1,2]', '{}', '\u0000', '['.repeat(100_000)]) {
      const answer = await request(demo, 'POST', '/api/randomNumber', { body, headers: { 'content-type': 'application/json' } })
      assert.ok([200, 400].includes(answer.status), `${body.slice(0, 20)} gives ${answer.status}`)
      if (answer.status === 200) assert.ok('randomNumber' in answer.json)
      else assert.ok(answer.json.error)
    }
  })

  test('an integer is read from the leading digits', async () => {
    const answer = await request(demo, 'PUT', '/api/sleepTest?sleepDuration=10')
    assert.equal(answer.json.sleepDuration, 10)
    assert.equal(answer.json.requesterInformation.receivedParams.sleepDuration, '10')
  })
})

describe('the fallback of the stock client while it is not connected', () => {
  test('POST /api?action= with everything in the body', async () => {
    const client = stockClient(demo.url)
    const reply = await ask(client, 'action', 'cacheTest', { key: 'abc', value: 'def' })
    assert.equal(reply.cacheTestResults.loadResp.value, 'def')
    assert.ok(reply.requesterInformation)
  })

  test('GET /api?action=&k=v', async () => {
    const client = stockClient(demo.url)
    const reply = await ask(client, 'action', 'cacheTest', { httpMethod: 'GET', key: 'abc', value: 'def' })
    assert.equal(reply.cacheTestResults.loadResp.value, 'def')
  })

  test('errors arrive as they are', async () => {
    const client = stockClient(demo.url)
    assert.equal((await ask(client, 'action', 'cacheTest', { key: 'abc' })).error, 'value is a required parameter for this action')
    assert.equal((await ask(client, 'action', 'noSuchAction')).error, UNKNOWN)
  })
})

describe('methods', () => {
  test('OPTIONS is empty, with the default headers', async () => {
    for (const path of ['/api/x', '/api/status', '/index.html', '/nope']) {
      const answer = await request(demo, 'OPTIONS', path)
      assert.deepEqual([answer.status, answer.body, answer.headers['content-length']], [200, '', '0'])
      defaultHeaders(answer)
    }
  })

  test('HEAD is GET without the body', async () => {
    const answer = await request(demo, 'HEAD', '/api/randomNumber')
    assert.deepEqual([answer.status, answer.body], [200, ''])
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal((await request(demo, 'HEAD', '/api/noSuchAction')).status, 404)
  })
})

describe('JSONP, which the demo allows', () => {
  test('callback wraps the JSON', async () => {
    const answer = await get(demo, '/api/randomNumber?callback=my.cb')
    assert.equal(answer.headers['content-type'], 'application/javascript')
    const inner = /^my\.cb\(([\s\S]*)\);$/.exec(answer.body)
    assert.ok('randomNumber' in JSON.parse(inner[1]))
  })

  test('the name is made harmless', async () => {
    const answer = await get(demo, '/api/randomNumber?callback=%3Cb%3E(1)%26%22%27')
    assert.ok(answer.body.startsWith('&lt;b&gt;1&amp;&quot;'), answer.body.slice(0, 60))
    assert.ok(!/[<>]/.test(answer.body.slice(0, answer.body.indexOf('('))))
  })

  test('a callback that is no text is ignored', async () => {
    for (const query of ['callback[]=x', 'callback[a]=x']) {
      const answer = await get(demo, `/api/randomNumber?${query}`)
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
      assert.ok('randomNumber' in answer.json)
    }
  })
})

describe('files', () => {
  test('with type, length, validators and the default headers', async () => {
    const answer = await get(demo, '/public/demo/hello.txt')
    assert.equal(answer.status, 200)
    assert.equal(answer.body, 'hello from the demo\n')
    assert.equal(answer.headers['content-type'], 'text/plain')
    assert.equal(answer.headers['content-length'], '20')
    assert.equal(answer.headers['cache-control'], 'max-age=60, must-revalidate, public')
    assert.match(answer.headers.etag, /^W\/"14-[0-9a-f]+"$/)
    defaultHeaders(answer)
    assert.ok(cookieOf(answer))
  })

  test('the root serves the same files', async () => {
    const [a, b] = await Promise.all([get(demo, '/demo/hello.txt'), get(demo, '/public/demo/hello.txt')])
    assert.deepEqual([a.status, a.body, a.headers.etag], [b.status, b.body, b.headers.etag])
  })

  test('a folder is its index', async () => {
    for (const path of ['/demo', '/demo/', '/public/demo', '/public/demo/', '/demo/index.html', '/%64emo/']) {
      const answer = await get(demo, path)
      assert.deepEqual([answer.status, answer.body, answer.headers['content-type']], [200, '<p>demo page é</p>\n', 'text/html'], path)
    }
    const index = readFileSync(join(ROOT, 'demo/public/index.html'), 'utf8')
    for (const path of ['/', '/public', '/public/', '/index.html', '/?x=1']) assert.equal((await get(demo, path)).body, index, path)
  })

  test('types follow the extension', async () => {
    const types = { '/chat.html': 'text/html', '/style.css': 'text/css', '/chat.js': /^(application|text)\/javascript$/, '/logo/actionhero.png': 'image/png', '/logo/playhouse.svg': 'image/svg+xml' }
    for (const [path, type] of Object.entries(types)) {
      const answer = await get(demo, path)
      assert.equal(answer.status, 200, path)
      assert.match(answer.headers['content-type'], type instanceof RegExp ? type : new RegExp(`^${type.replace('+', '\\+')}$`))
    }
  })

  test('304 when the client has it', async () => {
    const { headers: { etag } } = await get(demo, '/demo/hello.txt')
    for (const given of [etag, `"other", ${etag}`, '*', etag.replace('W/', '')]) {
      const answer = await get(demo, '/demo/hello.txt', { 'if-none-match': given })
      assert.deepEqual([answer.status, answer.body, answer.headers.etag], [304, '', etag], given)
    }
    assert.equal((await get(demo, '/demo/hello.txt', { 'if-none-match': '"other"' })).status, 200)
    assert.equal((await get(demo, '/demo/hello.txt', { 'if-none-match': etag, 'cache-control': 'no-cache' })).status, 200)
    const future = new Date(Date.now() + 86_400_000).toUTCString()
    assert.equal((await get(demo, '/demo/hello.txt', { 'if-modified-since': future })).status, 304)
    const past = new Date(0).toUTCString()
    assert.equal((await get(demo, '/demo/hello.txt', { 'if-modified-since': past })).status, 200)
  })

  test('HEAD of a file', async () => {
    const answer = await request(demo, 'HEAD', '/demo/hello.txt')
    assert.deepEqual([answer.status, answer.body, answer.headers['content-length']], [200, '', '20'])
  })

  test('one range gives that part, one outside 416', async () => {
    const part = await get(demo, '/demo/hello.txt', { range: 'bytes=0-4' })
    assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, 'hello', 'bytes 0-4/20'])
    assert.equal((await get(demo, '/demo/hello.txt', { range: 'bytes=-5' })).body, 'demo\n')
    assert.equal((await get(demo, '/demo/hello.txt', { range: 'bytes=100-' })).status, 416)
    assert.ok(part.headers['last-modified'])
  })

  test('what is not there, or not ours, is not found', async () => {
    const paths = ['/nope', '/public/nope.html', '/demo/nope', '/logo', '/..', '/../Cargo.toml', '/public/../Cargo.toml',
      '/public/%2e%2e/Cargo.toml', '/%2e%2e/%2e%2e/etc/passwd', '/public/..%2fCargo.toml', '/public/%', '/public/%zz',
      '/%00', '/demo/hello.txt%00', '/..%5cCargo.toml', '/public//etc/passwd', '/public/%2fetc/passwd', `/${'x'.repeat(5_000)}`]
    for (const path of paths) {
      const answer = await get(demo, path)
      assert.deepEqual([answer.status, answer.body, answer.headers['content-type']], [404, 'that file is not found', 'text/html'], path)
    }
  })
})

describe('HTTP/1.1', () => {
  test('one connection serves many requests', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set()
    for (let n = 0; n < 5; n++) {
      const answer = await request(demo, 'GET', '/api/status', { agent })
      assert.equal(answer.status, 200)
      ports.add(answer.localPort)
    }
    assert.equal(ports.size, 1)
    agent.destroy()
  })

  test('pipelined requests are answered in order', async () => {
    const wire = new Wire(demo)
    const line = path => `GET ${path} HTTP/1.1\r\nHost: x\r\n`
    wire.write(`${line('/api/sleepTest?sleepDuration=100')}\r\n${line('/demo/hello.txt')}\r\n${line('/nope')}Connection: close\r\n\r\n`)
    const text = (await wire.rest()).toString('utf8')
    const [slow, hello, nope] = ['"sleepDuration": 100', 'hello from the demo', 'that file is not found'].map(part => text.indexOf(part))
    assert.ok(slow > 0 && slow < hello && hello < nope, text)
  })

  test('connection addresses in odd headers do no harm', async () => {
    for (const address of ['[::1]', '[::1]:80', '::1', 'nonsense', '', ',', '1.2.3.4:99999', '999.1.1.1', 'a'.repeat(5_000)]) {
      const answer = await get(demo, '/api/randomNumber', { 'x-forwarded-for': address, 'x-real-ip': address, 'x-forwarded-port': address })
      assert.equal(answer.status, 200)
    }
  })
})
