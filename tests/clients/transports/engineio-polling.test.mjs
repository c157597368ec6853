// GET and POST of an engine.io session on polling: what waits and what is answered, in which order, and which misuse ends
// the session.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { Wire } from '../lib/raw.mjs'
import { Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import {
  BAD_REQUEST, PRIMUS, connected, exchange, frameIn, head, message, packets, reading
} from '../lib/transports/engine.mjs'

const demo = useDemo()
const MIB = 1_048_576
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })

/** The ids of all replies, polled for until there are as many. */
async function replies (session, count) {
  const ids = []
  while (ids.length < count) ids.push((await session.frame()).messageId)
  return ids
}

describe('GET', () => {
  test('with an empty queue waits for the next message, and is never empty', async () => {
    const session = await member(demo)
    const { answer, wire } = await session.waiting()
    await watcher.say('nobody was answered before')
    const { status, headers, body, bytes } = await answer
    assert.equal(status, 200)
    assert.equal(frameIn(packets(body)[0]).message, 'nobody was answered before')
    assert.match(headers['content-type'], /^text\/plain; charset=UTF-8$/i)
    assert.match(headers['cache-control'], /no-store/)
    assert.equal(Number(headers['content-length']), bytes.length)
    assert.equal(headers['content-encoding'], undefined)
    await wire.rest()
  })

  test('with a queue is answered at once: everything, in order', async () => {
    const session = await connected(demo)
    const ids = Array.from({ length: 50 }, (_, n) => `reply ${n}`)
    for (const id of ids.slice(0, 25)) await session.send(view(id))
    await session.send(...ids.slice(25).map(view))
    assert.deepEqual(await replies(session, ids.length), ids)
  })

  test('text arrives as it was: every plane of Unicode, quotes, line ends', async () => {
    const session = await member(demo)
    const text = 'é € 😀 \u2028 \u2029 \u0000 \u001e \ufeff \n"\\'
    await session.send(saying(text))
    await watcher.hears(text)
    let heard
    while (heard === undefined) heard = (await session.frame()).message
    assert.equal(heard, text)
  })

  test('an answer takes one MiB at most, the rest comes with the next ones', async () => {
    const session = await member(demo)
    const text = 'x'.repeat(100_000)
    for (let n = 0; n < 30; n++) await watcher.say(`${n} ${text}`)
    const heard = []
    while (heard.length < 30) {
      const { status, bytes, body } = await session.get().answer
      assert.equal(status, 200)
      assert.ok(bytes.length <= MIB, `${bytes.length} bytes in one answer`)
      heard.push(...packets(body).map(packet => parseInt(frameIn(packet).message)))
    }
    assert.deepEqual(heard, Array.from({ length: 30 }, (_, n) => n))
  })

  test('a single message that is larger comes whole', async () => {
    const session = await member(demo)
    const text = 'y'.repeat(3 * MIB)
    await watcher.say(text)
    assert.equal((await session.frame()).message.length, text.length)
  })

  test('a second one while one waits ends the session: the first is told to close, the second is refused', async () => {
    const session = await member(demo)
    const first = await session.waiting()
    const { status, json } = await session.get().answer
    assert.deepEqual([status, json?.code, json?.message], BAD_REQUEST)
    assert.deepEqual(session.taken(await first.answer), ['1'])
    await session.forgotten()
    await watcher.misses(session.id)
  })

  for (const how of ['destroy', 'resetAndDestroy']) {
    test(`one that is dropped while it waits ends the session at once (${how})`, async () => {
      const session = await member(demo)
      const { wire } = await session.waiting()
      wire.socket[how]()
      await watcher.misses(session.id)
      await session.forgotten()
    })
  }
})

describe('every way of asking', () => {
  test('keep-alive: handshake, POST and GET on one connection', async () => {
    const wire = new Wire(demo)
    const session = await connected(demo, { wire })
    for (let n = 0; n < 20; n++) {
      assert.equal((await session.post([message(view(n + 1))], { wire }).answer).body, 'ok')
      assert.equal((await session.frame({ wire })).messageId, n + 1)
    }
    wire.destroy()
    assert.equal((await session.ask(view('still here'))).messageId, 'still here')
  })

  test('a connection for each request: its end after the answer is no abort', async () => {
    const session = await connected(demo)
    for (let n = 0; n < 20; n++) {
      const { wire, answer } = session.get()
      await session.send(view(n + 1))
      const { body, headers } = await answer
      assert.equal(frameIn(body).messageId, n + 1)
      assert.match(headers.connection ?? '', /close/i)
      wire.destroy()
    }
  })

  test('HTTP/1.0', async () => {
    const session = await connected(demo, { version: '1.0' })
    assert.equal((await session.post([message(view(1))], { version: '1.0' }).answer).body, 'ok')
    const { wire, answer } = session.get({ version: '1.0', headers: { Connection: undefined } })
    assert.equal(frameIn((await answer).body).messageId, 1)
    await wire.rest()
    assert.equal((await session.ask(view(2))).messageId, 2)
  })

  test('two requests in one segment', async () => {
    const session = await connected(demo)
    const wire = new Wire(demo)
    const body = message(view(1))
    wire.write(Buffer.concat([
      head(demo, 'POST', session.url(), { 'Content-Length': body.length }), Buffer.from(body), head(demo, 'GET', session.url())
    ]))
    assert.equal((await reading(wire)).body, 'ok')
    assert.equal(frameIn((await reading(wire)).body).messageId, 1)
    wire.destroy()
  })

  test('a message that waits longer than the connections of others', async () => {
    const session = await member(demo)
    const { answer } = await session.waiting()
    for (let n = 0; n < 5; n++) (await (await connected(demo)).waiting()).wire.destroy()
    await watcher.say('patience')
    assert.equal(frameIn((await answer).body).message, 'patience')
  })

  test('with compression asked for it is off all the same', async () => {
    const session = await member(demo)
    await watcher.say('z'.repeat(10_000))
    const { headers } = await session.get({ headers: { 'Accept-Encoding': 'gzip, deflate' } }).answer
    assert.equal(headers['content-encoding'], undefined)
  })

  test('on /primus, with the query that Primus sends', async () => {
    const session = await connected(demo, { path: PRIMUS, params: { token: 'x', _primuscb: 'Q7z', t: '3qo', b64: 1 } })
    assert.equal((await session.ask(view(1))).status, 'OK')
  })

  test('of a session on polling only with its own transport', async () => {
    const session = await connected(demo)
    const { status, json } = await exchange(demo, 'GET', session.url({ transport: 'websocket' })).answer
    assert.deepEqual([status, json?.code, json?.message], BAD_REQUEST)
    assert.equal((await session.ask(view(1))).status, 'OK')
  })
})
