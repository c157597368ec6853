// Actions over HTTP, while there is no connection.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { source } from './lib/source.mjs'

const { ActionheroWebsocketClient } = await source('actionhero/client.ts')

let server, url
const requests = []
/** What the server answers next. */
let next

before(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    requests.push({ method: request.method, url: request.url, type: request.headers['content-type'], body })
    response.writeHead(next.status ?? 200, next.headers ?? {})
    response.end(next.text ?? JSON.stringify(next.json ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${server.address().port}`
})
after(() => server.close())

/** A browser's XMLHttpRequest, as far as it is used here. */
class XMLHttpRequest {
  headers = {}
  open (method, address) { Object.assign(this, { method, address }) }
  setRequestHeader (name, value) { this.headers[name] = value }
  getAllResponseHeaders () { return Array.from(this.answer.headers, pair => pair.join(': ')).join('\r\n') }

  async send (body) {
    this.answer = await realFetch(this.address, { method: this.method, headers: this.headers, body })
    const { status, statusText } = this.answer
    Object.assign(this, { status, statusText, responseText: await this.answer.text(), readyState: 4 })
    this.onreadystatechange()
  }
}

const realFetch = fetch
const WAYS = {
  fetch: () => {},
  XMLHttpRequest: () => { delete globalThis.fetch; globalThis.XMLHttpRequest = XMLHttpRequest },
  'node\'s http': () => { delete globalThis.fetch }
}

for (const [way, prepare] of Object.entries(WAYS)) {
  describe(`with ${way}`, () => {
    before(prepare)
    after(() => {
      globalThis.fetch = realFetch
      delete globalThis.XMLHttpRequest
    })
    const client = options => new ActionheroWebsocketClient({ url, ...options })

    test('params are the body, as JSON', async () => {
      next = { json: { randomNumber: 1 } }
      assert.equal((await client().action('randomNumber', { key: 'ü', n: 1 })).randomNumber, 1)
      assert.deepEqual(requests.pop(), {
        method: 'POST', url: '/api?action=randomNumber', type: 'application/json', body: '{"key":"ü","n":1,"action":"randomNumber"}'
      })
    })

    test('with GET they are the query, percent-encoded', async () => {
      next = {}
      await client().action('a&b', { httpMethod: 'get', text: 'a&b=c ü', list: [1, 'x y'], deep: { k: 'v' }, none: undefined })
      const { method, url: path, body } = requests.pop()
      assert.deepEqual([method, body], ['GET', ''])
      assert.equal(path, '/api?action=a%26b&text=a%26b%3Dc%20%C3%BC&list[]=1&list[]=x%20y&deep[k]=v')
    })

    test('a refusal is a response to a callback, and an Error to a promise', async () => {
      next = { status: 422, json: { error: 'key is missing' }, headers: { 'X-Error-Code': 'missing_param' } }
      const response = await new Promise(resolve => client().action('cacheTest', resolve))
      assert.deepEqual(response, { error: 'key is missing', code: 'missing_param' })
      await assert.rejects(client().action('cacheTest'), { message: 'key is missing', code: 'missing_param' })
    })

    test('what JSON can\'t say is an error', async () => {
      const circle = {}
      circle.itself = circle
      for (const params of [{ n: 10n }, circle]) {
        await assert.rejects(client().action('x', params), { code: 'not_encodable' })
        assert.match((await new Promise(resolve => client().action('x', params, resolve))).error, /cannot be sent/)
      }
    })

    test('an answer that is no JSON is an error with its text', async () => {
      for (const status of [200, 502]) {
        next = { status, text: '<h1>no</h1>' }
        const { error } = await new Promise(resolve => client().action('x', {}, resolve))
        assert.equal(error.responseText, '<h1>no</h1>')
        assert.equal(typeof error.statusText, 'string')
      }
    })

    test('the address may have a slash, a query, the scheme of websockets, and the path a host of its own', async () => {
      next = {}
      for (const given of [url + '/', url + '/?a=1', url.replace('http', 'ws'), url.replace('http://', ''), url + '/#a?b', url]) {
        await client({ url: given }).action('x')
        assert.equal(requests.pop().url, '/api?action=x', given)
      }
      await client({ url: 'http://127.0.0.1:1', apiPath: `${url}/v1` }).action('x')
      assert.equal(requests.pop().url, '/v1?action=x')
    })
  })
}

test('an option that is undefined is not given', () => {
  const { options } = new ActionheroWebsocketClient({ url: undefined, apiPath: undefined, cookieKey: false })
  assert.deepEqual([options.url, options.apiPath, options.cookieKey], ['http://127.0.0.1', '/api', false])
})

test('a host whose name begins with ws keeps it', async () => {
  const asked = []
  globalThis.fetch = async address => { asked.push(address); throw new Error('no') }
  for (const given of ['ws.example.org:80', 'wss://example.org']) await new ActionheroWebsocketClient({ url: given }).action('x').catch(() => {})
  globalThis.fetch = realFetch
  assert.deepEqual(asked, ['http://ws.example.org:80/api?action=x', 'https://example.org/api?action=x'])
})

test('the cookie is in the query, whatever follows it', () => {
  globalThis.document = { cookie: 'other=1; sessionID=abc' }
  try {
    const addressed = given => new ActionheroWebsocketClient({ url: given }).urlWithSession()
    assert.equal(addressed('http://a.example/#part'), 'http://a.example/?sessionID=abc')
    assert.equal(addressed('http://a.example/?b=1#part?'), 'http://a.example/?b=1&sessionID=abc')
  } finally {
    delete globalThis.document
  }
})

test('a server that is not there is an error', async () => {
  const client = new ActionheroWebsocketClient({ url: 'http://127.0.0.1:1' })
  await assert.rejects(client.action('x'), { code: 'unreachable' })
  const { error } = await new Promise(resolve => client.action('x', resolve))
  assert.equal(error.responseText, '')
})
