// SockJS by hand: what is answered to whom, to the byte. The same holds where Primus is mounted.

import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { request } from '../lib/http.mjs'
import { Wire } from '../lib/raw.mjs'
import { begin, dropRequests, sockjsSession } from '../lib/transports/polls.mjs'
import { useStage } from '../lib/transports/seat.mjs'
import { ours } from '../lib/transports/upstream.mjs'

const demo = useStage()
afterEach(dropRequests)

const PLAIN = 'text/plain; charset=UTF-8'
const SCRIPT = 'application/javascript; charset=UTF-8'
const YEAR = 31_536_000
const FRESH = 'no-store, no-cache, no-transform, must-revalidate, max-age=0'

/** Header values are compared as they are meant: without regard to case, and to blanks behind commas. */
function same (actual, wanted, what) {
  assert.equal(actual?.toLowerCase().replace(/; /g, ';'), wanted.toLowerCase().replace(/; /g, ';'), what)
}

function fresh ({ headers }) {
  same(headers['cache-control'], FRESH)
  assert.deepEqual([headers.expires, headers['last-modified']], [undefined, undefined])
}

/** What everybody may read is told so, and who is named is named back. */
function open ({ headers }, origin) {
  assert.equal(headers['access-control-allow-origin'], origin ?? '*')
  assert.equal(headers['access-control-allow-credentials'], origin && 'true')
}

test('the greeting', async () => {
  for (const path of ['/sockjs', '/sockjs/']) {
    const answer = await request(demo, 'GET', path)
    assert.deepEqual([answer.status, answer.body], [200, 'Welcome to SockJS!\n'])
    same(answer.headers['content-type'], PLAIN)
    assert.equal(answer.headers['set-cookie'], undefined)
  }
  assert.equal((await request(demo, 'GET', '/primus')).status, 426)
})

test('nothing else is there', async () => {
  for (const path of ['/sockjsx', '/sockjs/a', '/sockjs/a.html', '/sockjs//', '/sockjs///', '/sockjs/a/a', '/sockjs/a/a/', '/sockjs/a/', '/sockjs//a']) {
    const answer = await request(demo, 'GET', path)
    assert.equal(answer.status, 404, path)
  }
})

for (const base of ['/sockjs', '/primus']) {
  // Primus has a word of its own on what may be kept.
  const alone = base === '/sockjs'

  describe(`at ${base}`, () => {
    test('sessions have names without dots, and neither part is empty', async () => {
      for (const path of ['//', '/a./a', '/a/a.', '/./.', '//a', '/a/', '///']) {
        for (const [method, transport] of [['POST', 'xhr'], ['GET', 'eventsource']]) {
          const answer = await request(demo, method, `${base}${path}/${transport}`)
          assert.ok([404, 405, 426].includes(answer.status), `${method} ${path}/${transport} gives ${answer.status}`)
        }
      }
    })

    test('info', async () => {
      const seen = new Set()
      for (let n = 0; n < 10; n++) {
        const answer = await request(demo, 'GET', `${base}/info`)
        assert.equal(answer.status, 200)
        same(answer.headers['content-type'], 'application/json; charset=UTF-8')
        if (alone) fresh(answer)
        assert.match(answer.headers['cache-control'], /no-store/)
        open(answer)
        const { entropy, ...rest } = JSON.parse(answer.body)
        assert.deepEqual(rest, { websocket: true, origins: ['*:*'], cookie_needed: false })
        assert.ok(Number.isInteger(entropy) && entropy >= 0 && entropy < 2 ** 32, `${entropy}`)
        seen.add(entropy)
      }
      assert.equal(seen.size, 10, 'never the same')
    })

    test('who is named is named back', async () => {
      for (const origin of ['http://page.example', 'null']) {
        const answer = await request(demo, 'GET', `${base}/info`, { headers: { origin } })
        assert.equal(answer.status, 200)
        open(answer, origin)
        assert.match(answer.headers.vary ?? '', /origin/i)
      }
    })

    test('preflights', async () => {
      for (const [path, methods] of [['/info', 'OPTIONS, GET'], ['/a/b/xhr', 'OPTIONS, POST'], ['/a/b/xhr_send', 'OPTIONS, POST'],
        ['/a/b/xhr_streaming', 'OPTIONS, POST']]) {
        const answer = await request(demo, 'OPTIONS', base + path, {
          headers: { origin: 'http://page.example', 'access-control-request-headers': 'a, b, c' }
        })
        assert.deepEqual([answer.status, answer.body], [204, ''], path)
        assert.equal(answer.headers['access-control-allow-methods'], methods)
        assert.equal(answer.headers['access-control-max-age'], `${YEAR}`)
        assert.equal(answer.headers['access-control-allow-headers'], 'a, b, c')
        if (alone) {
          same(answer.headers['cache-control'], `public, max-age=${YEAR}`)
          assert.ok(Date.parse(answer.headers.expires) > Date.now() + 360 * 86_400_000)
        }
        assert.equal(answer.headers['last-modified'], undefined)
        open(answer, 'http://page.example')
        const bare = await request(demo, 'OPTIONS', base + path, { headers: { origin: 'null' } })
        assert.equal(bare.headers['access-control-allow-headers'], undefined, 'none, where none were asked for')
      }
    })

    test('the page for other domains', async () => {
      const tags = new Set()
      const bodies = new Set()
      for (const name of ['iframe.html', 'iframe-a.html', 'iframe-0.1.2abc-dirty.2144.html', 'iframe-.html']) {
        const answer = await request(demo, 'GET', `${base}/${name}`)
        assert.equal(answer.status, 200, name)
        same(answer.headers['content-type'], 'text/html; charset=UTF-8')
        if (alone) {
          assert.match(answer.headers['cache-control'], new RegExp(`public, max-age=${YEAR}`))
          assert.ok(Date.parse(answer.headers.expires) > Date.now())
        }
        assert.equal(answer.headers['last-modified'], undefined)
        assert.match(answer.body, /document\.domain = document\.domain;\s*SockJS\.bootstrap_iframe\(\);/)
        tags.add(answer.headers.etag)
        bodies.add(answer.body)
      }
      assert.deepEqual([tags.size, bodies.size], [1, 1])
      const [etag] = tags
      const cached = await request(demo, 'GET', `${base}/iframe.html`, { headers: { 'if-none-match': etag } })
      assert.deepEqual([cached.status, cached.body, cached.headers['content-type']], [304, '', undefined])
    })

    test('other names are not that page', alone ? {} : ours('any other name is 426'), async () => {
      for (const name of ['iframe.htm', 'iframe', 'IFRAME.HTML', 'IFRAME', 'iframe.HTML', 'iframe.xml', 'iframe-/.html']) {
        assert.equal((await request(demo, 'GET', `${base}/${name}`)).status, 404, name)
      }
    })

    test('another method is 405, and which would do', async () => {
      for (const [path, allowed, others] of [
        ['/xhr', 'POST', ['GET', 'PUT', 'DELETE']], ['/xhr_send', 'POST', ['GET']], ['/xhr_streaming', 'POST', ['GET']],
        ['/eventsource', 'GET', ['POST']], ['/htmlfile', 'GET', ['POST']], ['/jsonp', 'GET', ['POST']], ['/jsonp_send', 'POST', ['GET']],
        ['/websocket', 'GET', ['POST', 'PUT']]
      ]) {
        for (const method of others) {
          const answer = await request(demo, method, sockjsSession(base) + path)
          assert.deepEqual([answer.status, answer.body], [405, ''], `${method} ${path}`)
          assert.ok(answer.headers.allow.split(/, */).includes(allowed), answer.headers.allow)
          assert.equal(answer.headers['content-type'], undefined)
        }
      }
    })

    test('a websocket that asks for none', async () => {
      const bare = await request(demo, 'GET', `${sockjsSession(base)}/websocket`)
      assert.equal(bare.status, 400)
    })

    const streams = [
      ['POST', 'xhr', SCRIPT, /^o\n$/],
      ['POST', 'xhr_streaming', SCRIPT, /^h{2048}\no\n/],
      ['GET', 'eventsource', 'text/event-stream', /^\r\ndata: o\r\n\r\n/],
      ['GET', 'htmlfile?c=cb', 'text/html; charset=UTF-8', /^[^]{1024,}<script>\np\("o"\);\n<\/script>\r\n/],
      ['GET', 'jsonp?c=cb', SCRIPT, /^\/\*\*\/cb\("o"\);\r\n$/]
    ]
    for (const [method, name, type, begins] of streams) {
      test(`${name}: what it begins with`, async () => {
        const reply = begin(demo, method, `${sockjsSession(base)}/${name}`)
        const { statusCode, headers } = await reply.head
        assert.equal(statusCode, 200)
        assert.ok(headers['content-type'].toLowerCase().replace(/; /g, ';').startsWith(type.toLowerCase().replace(/; /g, ';')), headers['content-type'])
        if (alone) fresh({ headers })
        if (!/htmlfile|jsonp/.test(name)) open({ headers })
        await reply.when('the open frame', text => begins.test(text))
        reply.drop()
      })
    }

    test('the callback is asked for, and looked at', async () => {
      for (const name of ['htmlfile', 'jsonp']) {
        const none = await request(demo, 'GET', `${sockjsSession(base)}/${name}`)
        assert.equal(none.status, 500)
        assert.match(none.body, /"callback" parameter required/)
        for (const bad of ['%20', '*', 'abc(', 'abc%28', '%3Cscript%3E', 'a%0Ab', 'ä']) {
          const answer = await request(demo, 'GET', `${sockjsSession(base)}/${name}?c=${encodeURI(decodeURI(bad))}`)
          assert.equal(answer.status, 500, bad)
          assert.match(answer.body, /invalid "callback" parameter/)
        }
      }
    })

    test('streams need no HTTP/1.1', async () => {
      const wire = new Wire(demo)
      wire.write(`POST ${sockjsSession(base)}/xhr HTTP/1.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
      const { status, headers } = await wire.head()
      assert.equal(status, 200)
      assert.equal(headers['transfer-encoding'], undefined)
      assert.equal((await wire.rest()).toString(), 'o\n')
    })

    for (const version of ['1.0', '1.1']) {
      test(`a stream of HTTP/${version} ends when its session does`, async () => {
        const [wire, url] = [new Wire(demo), sockjsSession(base)]
        wire.write(`POST ${url}/xhr_streaming HTTP/${version}\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
        const { status, headers } = await wire.head()
        assert.deepEqual([status, headers['content-length']], [200, undefined])
        assert.equal(headers['transfer-encoding'], version === '1.1' ? 'chunked' : undefined)
        const body = JSON.stringify([JSON.stringify({ event: 'quit' })])
        assert.equal(await begin(demo, 'POST', `${url}/xhr_send`, { body }).end(), '')
        const text = (await wire.rest()).toString()
        const [o, c] = ['o\n', 'c[1000,"Normal closure"]\n']
        // In chunks each frame is one.
        if (version === '1.1') assert.ok(text.includes(`\r\n2\r\n${o}\r\n`) && text.endsWith(`\r\n19\r\n${c}\r\n0\r\n\r\n`), text)
        else assert.ok(text.startsWith(`${'h'.repeat(2_048)}\n${o}`) && text.endsWith(c), text)
      })
    }
  })
}

test('a slash at the end and a query change nothing', async () => {
  const session = sockjsSession()
  const first = begin(demo, 'POST', `${session}/xhr/?a=b`)
  assert.equal(await first.end(), 'o\n')
  const second = begin(demo, 'POST', `${session.replace('/000/', '/another/')}/xhr?t=1`)
  assert.match(await second.end(), /^a\[".*welcome/, 'the server part is ignored')
})
