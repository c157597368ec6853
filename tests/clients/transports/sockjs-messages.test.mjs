// What is sent to a session of SockJS and what comes from it, by hand: bodies, escapes, and websockets.

import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { Raw, Wire } from '../lib/raw.mjs'
import { SockjsPoll, begin, dropRequests, messages } from '../lib/transports/polls.mjs'
import { useStage } from '../lib/transports/seat.mjs'
import { ours, upstream } from '../lib/transports/upstream.mjs'

const demo = useStage()
afterEach(dropRequests)

const VIEW = { event: 'detailsView', messageId: 'view' }

describe('what is sent', () => {
  test('what is wrong is said, and the session goes on', async () => {
    const session = await SockjsPoll.welcomed(demo)
    for (const [body, status, text] of [
      ['', 500, 'Payload expected.'], ['["x', 500, 'Broken JSON encoding.'], ['{', 500, 'Broken JSON encoding.'], ['[]', 204, '']
    ]) {
      const answer = begin(demo, 'POST', `${session.url}/xhr_send`, { body })
      assert.equal(await answer.end(), text, body)
      assert.equal((await answer.head).statusCode, status, body)
    }
    assert.equal(await session.say(VIEW), 204)
    assert.equal(messages(await session.poll())[0].messageId, 'view')
  })

  test('what is no array is none', async () => {
    const session = await SockjsPoll.welcomed(demo)
    for (const body of ['{}', '5', 'null', 'true']) {
      const answer = begin(demo, 'POST', `${session.url}/xhr_send`, { body })
      assert.deepEqual([await answer.end(), (await answer.head).statusCode], ['Payload expected.', 500], body)
    }
  })

  test('whatever it says of itself it is taken for JSON', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const types = ['text/plain', 'T', 'application/json', 'application/xml', '']
    // Upstream takes a form for a form here, too.
    if (!upstream) types.push('application/x-www-form-urlencoded')
    for (const type of types) {
      const body = JSON.stringify([JSON.stringify({ ...VIEW, messageId: `type ${type}` })])
      assert.equal(await session.post(body, { 'content-type': type }), 204, type)
      assert.equal(messages(await session.poll())[0].messageId, `type ${type}`)
    }
  })

  test('nobody sends to a session that there is not, at once', async () => {
    const session = new SockjsPoll(demo)
    for (const path of ['xhr_send', 'jsonp_send']) {
      const answer = begin(demo, 'POST', `${session.url}/${path}`, { body: '["x"]' })
      assert.equal((await answer.head).statusCode, 404)
    }
  })

  test('jsonp: a form, or the array as it is', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const frame = messageId => JSON.stringify([JSON.stringify({ ...VIEW, messageId })])
    for (const [body, type] of [[`d=${encodeURIComponent(frame('form'))}`, 'application/x-www-form-urlencoded'], [frame('text'), 'text/plain']]) {
      const answer = begin(demo, 'POST', `${session.url}/jsonp_send`, { body, headers: { 'content-type': type } })
      assert.deepEqual([await answer.end(), (await answer.head).statusCode], ['ok', 200])
      assert.ok((await session.poll()).includes(type === 'text/plain' ? 'text' : 'form'))
    }
    for (const [body, text] of [['', 'Payload expected.'], ['d=', 'Payload expected.'], ['p=p', 'Payload expected.'], ['d=["x', 'Broken JSON encoding.']]) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = begin(demo, 'POST', `${session.url}/jsonp_send`, { body, headers })
      assert.deepEqual([await answer.end(), (await answer.head).statusCode], [text, 500], body)
    }
  })

  test('too much is refused, and the session goes on', ours('it has no limit'), async () => {
    const session = await SockjsPoll.welcomed(demo)
    const wire = new Wire(demo)
    wire.write(`POST ${session.url}/xhr_send HTTP/1.1\r\nHost: ${demo.host}\r\nContent-Length: 11000000\r\n\r\n`)
    assert.equal((await wire.head()).status, 413, 'before any of it has come')
    wire.destroy()
    assert.equal(await session.say(VIEW), 204)
    assert.equal(messages(await session.poll())[0].messageId, 'view')
  })
})

describe('what is escaped', () => {
  const ODD = '\u0000\u001f\u200c\u200f\u2028\u2029\u202f\u2060\u206f\ufff0\uffff'
  /** A session with a reply that holds these in wait. */
  async function holding (text) {
    const session = await SockjsPoll.welcomed(demo)
    await session.say({ event: 'action', params: { action: 'echo', p: text }, messageId: 'odd' })
    return session
  }

  test('characters that some browser loses', async () => {
    const text = await (await holding(ODD)).receive().end()
    assert.doesNotMatch(text.trimEnd(), /[\u0000-\u001f\u200c-\u200f\u2028-\u202f\u2060-\u206f\ufff0-\uffff]/)
    assert.equal(messages(text)[0].p, ODD)
  })

  test('eventsource: percent signs', async () => {
    const reply = (await holding('100 %25')).receive('eventsource')
    await reply.when('the reply', text => text.includes('odd'))
    const [, frame] = /data: (a.*)\r\n\r\n/.exec(reply.text)
    assert.ok(frame.includes('100 %2525'), frame)
    assert.equal(messages(decodeURI(frame))[0].p, '100 %25')
    reply.drop()
  })

  test('htmlfile: scripts are not ended', ours('they are'), async () => {
    const file = begin(demo, 'GET', `${(await holding('</script>')).url}/htmlfile?c=cb`)
    await file.when('the reply', text => text.includes('odd'))
    const [, quoted] = /p\(("a.*")\);\n<\/script>/.exec(file.text)
    assert.ok(!quoted.includes('</'), quoted)
    assert.equal(messages(JSON.parse(quoted))[0].p, '</script>')
    file.drop()
  })

  test('jsonp: what ends a line in scripts', async () => {
    const call = await begin(demo, 'GET', `${(await holding(ODD)).url}/jsonp?c=cb`).end()
    const [, argument] = /^\/\*\*\/cb\((".*")\);\r\n$/s.exec(call)
    assert.doesNotMatch(argument, /[\u2028\u2029]/)
    assert.equal(messages(JSON.parse(argument))[0].p, ODD)
  })
})

describe('websockets', () => {
  const open = (path = 'websocket') => Raw.open(demo, { path: `${new SockjsPoll(demo).url}/${path}` })

  test('framed: frames out, arrays or single texts in', async () => {
    const raw = await open()
    assert.equal(await raw.next(), 'o')
    assert.ok('welcome' in messages(await raw.next())[0])
    raw.send('')
    raw.send('[]')
    raw.send([JSON.stringify({ ...VIEW, messageId: 'array' })])
    assert.equal(messages(await raw.next())[0].messageId, 'array')
    raw.send(JSON.stringify(JSON.stringify({ ...VIEW, messageId: 'text' })))
    assert.equal(messages(await raw.next())[0].messageId, 'text')
    raw.send([JSON.stringify({ event: 'quit' })])
    assert.equal(await raw.next(), 'c[1000,"Normal closure"]')
    assert.equal(await raw.closed(), 1000)
  })

  test('framed: what is not JSON cuts it', async () => {
    const raw = await open()
    assert.equal(await raw.next(), 'o')
    raw.send('["x')
    await raw.closed()
  })

  test('framed: two of one name are two sessions, and no polling ones', async () => {
    const { url } = new SockjsPoll(demo)
    const raws = [await Raw.open(demo, { path: `${url}/websocket` }), await Raw.open(demo, { path: `${url}/websocket` })]
    const ids = []
    for (const raw of raws) {
      assert.equal(await raw.next(), 'o')
      await raw.next()
      raw.send([JSON.stringify(VIEW)])
      ids.push(messages(await raw.next())[0].data.id)
    }
    assert.notEqual(ids[0], ids[1])
    const sent = begin(demo, 'POST', `${url}/xhr_send`, { body: '[]' })
    assert.equal((await sent.head).statusCode, 404)
  })

  test('raw: nothing but the application’s own', async () => {
    const raw = await Raw.open(demo, { path: '/sockjs/websocket' })
    assert.ok('welcome' in await raw.value())
    assert.equal((await raw.ask(VIEW)).messageId, 'view')
    raw.send({ event: 'quit' })
    assert.equal(await raw.closed(), 1000)
    assert.deepEqual(raw.texts, [])
  })
})
