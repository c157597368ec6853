// Polling against a server that is the test's: what it asks and in which order, and what ends it.

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { source } from './lib/source.mjs'
import { uncaught, within } from './lib/wait.mjs'

const { Polling } = await source('link/polling.ts')
const realFetch = fetch

/** The requests that are not answered yet, and all of them. */
let open, all, polling

beforeEach(() => {
  open = []
  all = []
  globalThis.fetch = (url, { signal, ...init }) => new Promise((resolve, reject) => {
    const request = { url, ...init, aborted: false }
    request.answer = (text, status = 200) => {
      open.splice(open.indexOf(request), 1)
      resolve(new Response(status === 204 ? null : text, { status }))
    }
    request.fail = () => {
      open.splice(open.indexOf(request), 1)
      reject(new TypeError('fetch failed'))
    }
    signal.addEventListener('abort', () => {
      request.aborted = true
      request.fail()
    })
    open.push(request)
    all.push(request)
  })
})
afterEach(() => {
  polling?.terminate()
  globalThis.fetch = realFetch
})

const turn = () => new Promise(resolve => setImmediate(resolve))
const poll = () => open.find(({ url }) => /\/xhr\?/.test(url))
const post = () => open.find(({ url }) => /\/xhr_send\?/.test(url))
const posted = () => all.filter(({ url }) => /\/xhr_send\?/.test(url)).map(({ body }) => JSON.parse(body))

/** One that notes what it tells. */
function made (url = 'ws://h:81/primus?_primuscb=x', headers) {
  polling = new Polling(url, headers)
  polling.told = []
  for (const name of ['open', 'message', 'error', 'close']) {
    polling[`on${name}`] = event => polling.told.push([name, name === 'message' ? event.data : event])
  }
  polling.names = () => polling.told.map(([name]) => name)
  return polling
}

async function opened () {
  made()
  poll().answer('o\n')
  await turn()
  return polling
}

describe('addresses', () => {
  test('the session stands below the mount, the query behind it', () => {
    made('wss://h:81/live?a=1&_primuscb=x')
    assert.match(poll().url, /^https:\/\/h:81\/live\/\d{3}\/[a-z\d]{12,}\/xhr\?a=1&_primuscb=x&_turn=1$/)
    assert.deepEqual([poll().method, poll().credentials, poll().body, poll().headers], ['POST', 'include', undefined, {}])
  })

  test('no two sessions have one name', () => {
    const names = new Set(Array.from({ length: 100 }, () => {
      made().terminate()
      return /\/(\w+)\/xhr/.exec(all.at(-1).url)[1]
    }))
    assert.equal(names.size, 100)
  })

  test('a password goes into a header, beside those that were given', () => {
    made('ws://ann:p%40ss@h/primus?', { 'x-a': '1' })
    assert.match(poll().url, /^http:\/\/h\/primus\//)
    assert.deepEqual(poll().headers, { Authorization: `Basic ${btoa('ann:p@ss')}`, 'x-a': '1' })
    polling.terminate()
    made('ws://ann:%E2%82%AC%@h/primus?')
    const basic = Buffer.from('ann:\u20ac%').toString('base64')
    assert.deepEqual(poll().headers, { Authorization: `Basic ${basic}` })
  })
})

describe('what comes', () => {
  test('it opens, then asks again and again, one request at a time', async () => {
    await opened()
    assert.deepEqual([polling.readyState, polling.names()], [1, ['open']])
    for (const frame of ['a["one","two"]\n', 'h\n', 'a[]\n', 'a["th\\u2028ree"]\n']) {
      assert.equal(open.length, 1)
      poll().answer(frame)
      await turn()
    }
    assert.deepEqual(polling.told.slice(1), [['message', 'one'], ['message', 'two'], ['message', 'th\u2028ree']])
    assert.deepEqual(all.map(({ url }) => /_turn=(\d+)$/.exec(url)[1]), ['1', '2', '3', '4', '5', '6'])
    assert.equal(new Set(all.map(({ url }) => url.replace(/\d+$/, ''))).size, 1)
  })

  test('the server\'s end has its code and reason', async () => {
    await opened()
    poll().answer('c[1001,"Going away"]\n')
    await turn()
    assert.deepEqual(polling.told.slice(1), [['close', { code: 1001, reason: 'Going away' }]])
    assert.deepEqual([polling.readyState, open.length], [3, 0])
  })

  const failures = {
    'a request that fails': () => poll().fail(),
    'a status that says no': () => poll().answer('no', 502),
    'a session that began anew': () => poll().answer('o\n'),
    'a page of somebody else': () => poll().answer('<html>Log in, please</html>'),
    'nothing at all': () => poll().answer(''),
    'a frame that is broken': () => poll().answer('a["x')
  }
  for (const [name, happens] of Object.entries(failures)) {
    test(`${name} is the end, and no clean one`, async () => {
      await opened()
      happens()
      await turn()
      assert.deepEqual(polling.names(), ['open', 'error', 'close'])
      assert.deepEqual(polling.told.at(-1)[1], { code: 1006, reason: '' })
      assert.ok(polling.told[1][1] instanceof Error)
      assert.equal(open.length, 0)
    })
  }

  test('a first answer that says no tells which', async () => {
    made()
    poll().answer('', 403)
    await turn()
    assert.match(polling.told[0][1].message, /with 403/)
    assert.deepEqual(polling.names(), ['error', 'close'])
  })

  test('a message before the opening is none of ours', async () => {
    made()
    poll().answer('a["x"]\n')
    await turn()
    assert.deepEqual(polling.names(), ['error', 'close'])
  })

  test('a listener that throws does not end it', async () => {
    await opened()
    polling.onmessage = () => { throw new Error('mine') }
    assert.deepEqual(await uncaught(async () => {
      poll().answer('a["x"]\n')
      await turn()
    }), ['mine'])
    assert.ok(poll())
  })
})

describe('what goes', () => {
  test('one turn in one request, the rest with the next, in order', async () => {
    await opened()
    for (const text of ['1', '2']) polling.send(text)
    await turn()
    for (const text of ['3', '4']) polling.send(text)
    await turn()
    polling.send('5')
    assert.deepEqual(posted(), [['1', '2']])
    post().answer('', 204)
    await turn()
    assert.deepEqual(posted(), [['1', '2'], ['3', '4', '5']])
    post().answer('', 204)
    await turn()
    assert.equal(post(), undefined)
    polling.send('6')
    await turn()
    assert.deepEqual(posted().at(-1), ['6'])
  })

  test('a request has a bound, unless one message is larger', async () => {
    await opened()
    const texts = [...Array.from({ length: 500 }, (_, n) => `${n}€"`.repeat(300)), 'x'.repeat(2 ** 20), 'end']
    for (const text of texts) polling.send(text)
    await turn()
    while (post()) {
      post().answer('', 204)
      await turn()
    }
    assert.deepEqual(posted().flat(), texts)
    const sizes = all.filter(({ body }) => body).map(({ body }) => Buffer.byteLength(body))
    assert.equal(sizes.filter(size => size > 256 * 1024).length, 1)
    assert.ok(sizes.length < 30, `${sizes.length} requests`)
  })

  for (const [status, code] of [[404, 1006], [500, 1006], [413, 1009]]) {
    test(`a sending that is answered ${status} ends it with ${code}`, async () => {
      await opened()
      polling.send('x')
      await turn()
      const waiting = poll()
      post().answer('', status)
      await turn()
      assert.deepEqual(polling.told.at(-1), ['close', { code, reason: '' }])
      assert.ok(waiting.aborted)
    })
  }
})

describe('the end from here', () => {
  const gone = () => within('it has ended', (async () => { while (open.length) await turn() })())

  test('what was written goes first, then the request that waits is dropped', async () => {
    await opened()
    polling.send('bye')
    polling.close()
    await turn()
    assert.deepEqual(posted(), [['bye']])
    poll().answer('a["late"]\n')
    await turn()
    assert.ok(poll() && post(), 'there must be something to drop')
    post().answer('', 204)
    await gone()
    assert.deepEqual([all.at(-1).aborted, polling.readyState], [true, 3])
    assert.ok(!polling.names().includes('close'))
  })

  test('no timer outlives it', async () => {
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    await opened()
    polling.send('bye')
    polling.close()
    await turn()
    assert.equal(timers(), before + 1, 'a server that takes nothing is not waited for')
    post().answer('', 204)
    await gone()
    assert.equal(timers(), before)
  })

  test('between two requests it waits for the next one', async () => {
    await opened()
    polling.onmessage = () => polling.close()
    poll().answer('a["x"]\n')
    await turn()
    assert.ok(poll())
    await gone()
    assert.ok(all.at(-1).aborted)
  })

  test('impolitely all is dropped at once', async () => {
    await opened()
    polling.send('x')
    await turn()
    polling.terminate()
    assert.deepEqual([open.length, all.filter(({ aborted }) => aborted).length], [0, 2])
  })
})
