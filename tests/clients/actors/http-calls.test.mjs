// Stateless calls by hand, in each encoding: bodies to the byte, headers, paths, errors that are always JSON, and CORS.

import assert from 'node:assert/strict'
import { byHand } from '../lib/actors/each.mjs'
import { CODECS, ENCODINGS } from '../lib/actors/frames.mjs'
import { idOf } from '../lib/actors/management.mjs'
import { get, request } from '../lib/http.mjs'

byHand('rivetkit', use => {
  /** A call with a body that is already written. */
  async function post (name, body, { encoding, id, headers, path } = {}) {
    id ??= await idOf(use.server, 'counter', use.key()[0])
    return request(use.server, 'POST', path ?? `/gateway/${id}/action/${name}`, {
      body, headers: { ...encoding && { 'x-rivet-encoding': encoding }, ...headers }
    })
  }

  const call = (encoding, name, args = [], options) => post(name, CODECS[encoding].args(args), { encoding, ...options })

  function refused (answer, words, status = 400) {
    assert.match(answer.headers['content-type'] ?? '', /application\/json/, answer.body)
    assert.equal(`${answer.json.group}/${answer.json.code}`, words, answer.body)
    assert.equal(typeof answer.json.message, 'string')
    assert.equal(answer.status, status, answer.body)
  }

  use.test('the bytes of an answer', async () => {
    const bytes = async (name, hex) => (await post(name, Buffer.from(hex, 'hex'), { encoding: 'bare' })).bytes.toString('hex')
    assert.equal(await bytes('increment', '0200028105'), '02000105')
    assert.equal(await bytes('getCount', '02000180'), '02000100')
    assert.equal((await call('cbor', 'increment', [5])).bytes.toString('hex').slice(-2), '05')
    assert.equal((await call('json', 'increment', [5])).body, '{"output":5}')
  })

  use.test('who writes a newer BARE is understood', async () => {
    for (const version of ['0300', '0400']) {
      const { bytes } = await post('increment', Buffer.from(`${version}028105`, 'hex'), { encoding: 'bare' })
      assert.equal(bytes.subarray(2).toString('hex'), '0105')
    }
  })

  use.test('types of content', async () => {
    for (const encoding of ENCODINGS) {
      const { status, headers } = await call(encoding, 'getCount')
      assert.equal(status, 200)
      assert.ok(headers['content-type'].startsWith(CODECS[encoding].type), headers['content-type'])
    }
  })

  use.test('a number is a float or a short integer, never one of 8 bytes', async () => {
    const numbers = { 4294967295: '1affffffff', 4294967296: 'fb41f0000000000000', 1700000000000: 'fb4278bcfe56800000' }
    for (const [number, hex] of Object.entries(numbers)) {
      const { bytes } = await call('bare', 'echo', [Number(number)])
      assert.equal(bytes.subarray(3).toString('hex'), hex)
    }
    const big = await post('echo', Buffer.from('02000a811b0000000000000001', 'hex'), { encoding: 'bare' })
    assert.equal(big.bytes.subarray(3).toString('hex'), '1b0000000000000001')
  })

  use.test('no output is null, and there', async () => {
    const nothing = { bare: '020001f6', json: '{"output":null}' }
    assert.equal((await call('bare', 'nothing')).bytes.toString('hex'), nothing.bare)
    assert.equal((await call('json', 'nothing')).body, nothing.json)
    assert.equal(CODECS.cbor.output((await call('cbor', 'nothing')).bytes), null)
  })

  use.test('without a header the encoding is json', async () => {
    assert.deepEqual((await post('increment', '{"args":[2]}')).json, { output: 2 })
  })

  use.test('errors are JSON in every encoding', async () => {
    for (const encoding of ENCODINGS) {
      const answer = await call(encoding, 'fail', ['user'])
      refused(answer, 'user/insufficient_funds')
      assert.deepEqual(answer.json, {
        group: 'user', code: 'insufficient_funds', message: 'insufficient funds', metadata: { needed: 5, have: 2 }
      })
      const crash = await call(encoding, 'fail', ['crash'])
      refused(crash, 'internal/internal_error', 500)
      assert.doesNotMatch(crash.body, /8271/)
      refused(await call(encoding, 'noSuchAction'), 'action/not_found')
      refused(await call(encoding, 'getCount', [], { id: '0123456789abcdef' }), 'actor/not_found', 404)
    }
  })

  use.test('bodies that are none', async () => {
    const bodies = {
      json: ['', '{', 'null', '[]', '{"args":7}', '{"args":{"0":1}}', '{}', '{"args":[["$Foo",1]]}', '{"args":[["$BigInt","x"]]}'],
      cbor: ['', 'a0', 'ff', '80', 'a16461726773', 'a1646172677307', 'a1646172677381', 'a1646172677300ff', '1bffffffffffffffff'],
      bare: ['', '02', '0200', '020005', '02000281', '0200018081', '02000107', '020001a0', '0200ffffffffffffffffff01']
    }
    for (const [encoding, list] of Object.entries(bodies)) {
      for (const body of list) {
        const answer = await post('echo', encoding === 'json' ? body : Buffer.from(body, 'hex'), { encoding })
        refused(answer, 'message/malformed')
      }
    }
  })

  use.test('arguments of another kind, or too few, are refused before anything happens', async () => {
    const id = await idOf(use.server, 'counter', use.key()[0])
    for (const args of [['five'], [{}], [[1]], [1.5], [true], [2 ** 70]]) {
      const { status, headers } = await call('json', 'increment', args, { id })
      assert.equal(status, 400, JSON.stringify(args))
      assert.match(headers['content-type'], /application\/json/)
    }
    assert.equal((await call('json', 'append', [], { id })).status, 400)
    assert.deepEqual((await call('json', 'getLog', [], { id })).json, { output: [] })
    assert.deepEqual((await call('json', 'getCount', [], { id })).json, { output: 0 })
  })

  use.test('headers that make no sense', async () => {
    refused(await call('json', 'getCount', [], { headers: { 'x-rivet-encoding': 'xml' } }), 'encoding/invalid')
    for (const params of ['{', 'ü', '{"a":}', '%7B%7D']) {
      const headers = { 'x-rivet-conn-params': Buffer.from(params).toString('latin1') }
      refused(await call('json', 'getCount', [], { headers }), 'params/invalid')
    }
  })

  use.test('parameters in Latin-1 and in UTF-8', async () => {
    const id = await idOf(use.server, 'chatRoom', use.key()[0])
    const params = '{"username":"jürgen","token":"letmein"}'
    for (const value of [params, Buffer.from(params).toString('latin1')]) {
      const { json } = await call('json', 'whoami', [], { id, headers: { 'x-rivet-conn-params': value } })
      assert.equal(json.output.username, 'jürgen')
    }
  })

  use.test('paths that lead nowhere', async () => {
    const id = await idOf(use.server, 'counter', use.key()[0])
    const rests = ['', '/', '//action/getCount', `/${id}@/action/getCount`, '/%zz/action/getCount', `/${id}`, `/${id}/nowhere`]
    for (const path of rests.map(rest => `/gateway${rest}`)) {
      const { status, body } = await post('', '{"args":[]}', { path })
      assert.equal(status, 404, `${path}: ${body}`)
    }
  })

  use.test('a token in the path, and a name with escapes', async () => {
    const id = await idOf(use.server, 'counter', use.key()[0])
    assert.equal((await post('', '{"args":[]}', { path: `/gateway/${id}@to%2Fken/action/getCount` })).status, 200)
    assert.equal((await post('', '{"args":[]}', { path: `/gateway/${id}/action/get%43ount` })).status, 200)
    assert.equal((await get(use.server, `/gateway/${id}/health`)).body, 'ok')
  })

  use.test('what is not offered says so', async () => {
    const id = await idOf(use.server, 'counter', use.key()[0])
    refused(await post('', '{}', { path: `/gateway/${id}/queue/jobs` }), 'feature/not_implemented', 501)
  })

  use.test('an argument over the limit', async () => {
    refused(await call('json', 'echo', ['x'.repeat(9 << 20)]), 'message/incoming_too_long', 413)
  })

  use.test('a browser from another page may ask', async () => {
    const id = await idOf(use.server, 'counter', use.key()[0])
    const origin = 'http://page.example'
    const asked = 'x-rivet-encoding,x-rivet-conn-params,x-rivet-token,x-rivet-query,x-rivet-namespace,content-type,authorization,user-agent'
    for (const [path, method] of [['/metadata', 'GET'], ['/actors', 'PUT'], [`/gateway/${id}/action/getCount`, 'POST']]) {
      const headers = { origin, 'access-control-request-method': method, 'access-control-request-headers': asked }
      const answer = await request(use.server, 'OPTIONS', path, { headers })
      assert.ok([200, 204].includes(answer.status), `${path}: ${answer.status}`)
      assert.equal(answer.headers['access-control-allow-origin'], origin)
      assert.equal(answer.headers['access-control-allow-credentials'], 'true')
      assert.ok(answer.headers['access-control-allow-methods'].includes(method))
      const allowed = answer.headers['access-control-allow-headers'].toLowerCase().split(/, */)
      for (const name of asked.split(',')) assert.ok(allowed.includes(name), `${path}: ${name} in ${allowed}`)
    }
    const { headers } = await call('json', 'getCount', [], { id, headers: { origin } })
    assert.equal(headers['access-control-allow-origin'], origin)
    assert.equal(headers['access-control-allow-credentials'], 'true')
  })
})
