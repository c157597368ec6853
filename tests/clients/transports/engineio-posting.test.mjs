// POST of an engine.io session: bodies of every kind, whole, cut, too long and wrong. What was handled shows in a room.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { Wire } from '../lib/raw.mjs'
import { Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import { SEPARATOR, arrived, connected, frameIn, head, message, packets, reading } from '../lib/transports/engine.mjs'

const LIMIT = 20_000
const demo = useDemo({ PLAYHOUSE_ENGINEIO__MAX_PAYLOAD: String(LIMIT) })
const TEXT = { 'Content-Type': 'text/plain;charset=UTF-8' }
let watcher
let said = 0

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })
const once = what => `${what} ${++said}`

/** A POST of which only the head and the first bytes are sent. */
function begun (session, body, bytes, headers = {}) {
  const wire = new Wire(demo)
  wire.write(Buffer.concat([
    head(demo, 'POST', session.url(), { ...TEXT, 'Content-Length': Buffer.byteLength(body), ...headers }),
    Buffer.from(body).subarray(0, bytes)
  ]))
  return wire
}

async function ended (session) {
  await watcher.misses(session.id)
  await session.forgotten()
}

describe('a body is handled', () => {
  test('and answered with ok, which no browser offers to save', async () => {
    const session = await connected(demo)
    const { status, body, headers } = await session.post([message(view(1))]).answer
    assert.deepEqual([status, body], [200, 'ok'])
    assert.match(headers['content-type'], /^text\/html/)
    assert.equal(headers['content-length'], '2')
    assert.equal((await session.frame()).messageId, 1)
  })

  test('while a GET waits, and that GET has the reply', async () => {
    const session = await connected(demo)
    const { answer } = session.get()
    await session.send(view(1))
    assert.equal(frameIn((await answer).body).messageId, 1)
  })

  test('whatever type it says it is', async () => {
    const session = await connected(demo)
    for (const type of [
      undefined, '', 'text/plain', 'application/json', 'application/x-www-form-urlencoded', 'nonsense', 'multipart/form-data; boundary=x'
    ]) {
      const { body } = await session.post([message(view('typed'))], { headers: { 'Content-Type': type } }).answer
      assert.equal(body, 'ok', type)
      assert.equal((await session.frame()).messageId, 'typed')
    }
  })

  test('in pieces of one byte, and in chunks', async () => {
    const session = await connected(demo)
    const body = [message(view('é')), message(view('😀'))].join(SEPARATOR)
    const slow = begun(session, body, 0)
    for (const byte of Buffer.from(body)) await new Promise(resolve => slow.socket.write(Buffer.of(byte), resolve))
    assert.equal((await reading(slow)).body, 'ok')
    assert.deepEqual([(await session.frame()).messageId, (await session.frame()).messageId], ['é', '😀'])

    const chunked = begun(session, '', 0, { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' })
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at += 7) {
      const part = bytes.subarray(at, at + 7)
      chunked.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]))
    }
    chunked.write('0\r\n\r\n')
    assert.equal((await reading(chunked)).body, 'ok')
    assert.deepEqual([(await session.frame()).messageId, (await session.frame()).messageId], ['é', '😀'])
    for (const wire of [slow, chunked]) wire.destroy()
  })

  test('with binary messages in it, which JSON frames do not know', async () => {
    const session = await connected(demo)
    assert.equal((await session.post(['bAQIDBA==', message(view(1)), 'bAA==']).answer).status, 200)
    assert.equal((await session.frame()).messageId, 1)
  })

  test('up to the limit, exactly', async () => {
    const session = await connected(demo)
    const frame = message({ event: 'detailsView', messageId: 1, pad: '' })
    const body = frame.replace('"pad":""', `"pad":"${'x'.repeat(LIMIT - frame.length)}"`)
    assert.equal(body.length, LIMIT)
    assert.equal((await session.post(body).answer).body, 'ok')
    assert.equal((await session.frame()).messageId, 1)
  })
})

describe('a body is too long', () => {
  test('as its head says: 413 before it is sent, and the session stays', async () => {
    const session = await connected(demo)
    for (const length of [LIMIT + 1, 10_000_000, 1e15]) {
      const wire = begun(session, '', 0, { 'Content-Length': length })
      assert.equal((await reading(wire)).status, 413, String(length))
      await wire.rest()
    }
    assert.equal((await session.ask(view(1))).messageId, 1)
  })

  test('as shows while it comes in chunks: 413, and the session stays', async () => {
    const session = await connected(demo)
    const wire = begun(session, '', 0, { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' })
    const part = 'x'.repeat(1_000)
    for (let n = 0; n <= LIMIT / 1_000; n++) wire.write(`3e8\r\n${part}\r\n`)
    assert.equal((await reading(wire)).status, 413)
    await wire.rest()
    assert.equal((await session.ask(view(1))).messageId, 1)
  })
})

describe('a body ends the session', () => {
  test('when another one is still on its way', async () => {
    const session = await member(demo)
    const text = once('never whole')
    const first = begun(session, message(saying(text)), 30)
    await arrived(demo, first)
    const { status } = await session.post([message(view(2))]).answer
    assert.equal(status, 400)
    await ended(session)
    assert.ok(!watcher.heard().includes(text))
    first.destroy()
  })

  test('when it is cut short, and nothing of it is handled', async () => {
    const session = await member(demo)
    const text = once('cut')
    const body = [message(saying(text)), message(view(1))].join(SEPARATOR)
    const wire = begun(session, body, body.length - 5)
    await arrived(demo, wire)
    wire.socket.destroy()
    await ended(session)
    assert.ok(!watcher.heard().includes(text))
  })

  test('when it says that it is binary', async () => {
    const session = await member(demo)
    const { status } = await session.post([message(view(1))], { headers: { 'Content-Type': 'application/octet-stream' } }).answer
    assert.equal(status, 400)
    await ended(session)
  })

  for (const [what, bad] of [
    ['an unknown digit', '7x'],
    ['a letter', 'x'],
    ['a sign', '-4{}'],
    ['base64 that is none', 'b=A!'],
    ['base64 without its padding', 'bAQI'],
    ['an empty packet', ''],
    ['invalid UTF-8', Buffer.from([0x34, 0xff, 0xfe])],
    ['a surrogate in UTF-8', Buffer.from([0x34, 0xed, 0xa0, 0x80])]
  ]) {
    test(`when it has ${what}; what stands before that is handled`, async () => {
      const session = await member(demo)
      const before = once(`before ${what}`)
      const later = once(`after ${what}`)
      const waiting = await session.waiting()
      const utf8 = Buffer.isBuffer(bad)
      const start = utf8 ? '' : message(saying(before)) + SEPARATOR
      const body = Buffer.concat([start, bad, SEPARATOR + message(saying(later))].map(part => Buffer.from(part)))
      const { status } = await session.post(body).answer
      assert.ok(status === 400 || status === 200, String(status))
      // The waiting GET may have been answered with what was said before already.
      const got = session.taken(await waiting.answer)
      assert.ok(got.at(-1) === '1' || got.every(packet => packet[0] === '4'), JSON.stringify(got))
      if (!utf8) await watcher.hears(before)
      await ended(session)
      assert.ok(!watcher.heard().includes(later))
    })
  }

  test('when it is empty: a GET that waits is told to close', async () => {
    const session = await member(demo)
    const waiting = await session.waiting()
    const { status } = await session.post('').answer
    assert.ok(status === 400 || status === 200, String(status))
    assert.deepEqual(session.taken(await waiting.answer), ['1'])
    await ended(session)
  })

  test('when it has a close packet: ok, a GET that waits gets a noop, the rest is ignored', async () => {
    const session = await member(demo)
    const before = once('before the close')
    const later = once('after the close')
    const waiting = await session.waiting()
    const { status, body } = await session.post([message(saying(before)), '1', message(saying(later))]).answer
    assert.deepEqual([status, body], [200, 'ok'])
    const got = packets((await waiting.answer).body)
    assert.ok(!got.includes('1'), 'a close packet is not answered with one')
    assert.ok(got.at(-1) === '6' || got.every(packet => packet[0] === '4'), JSON.stringify(got))
    await watcher.hears(before)
    await ended(session)
    assert.ok(!watcher.heard().includes(later))
  })

  test('a close packet alone: exactly ok and exactly a noop', async () => {
    const session = await member(demo)
    const waiting = await session.waiting()
    const { body } = await session.post('1').answer
    assert.equal(body, 'ok')
    assert.deepEqual(session.taken(await waiting.answer), ['6'])
    await ended(session)
    assert.equal((await session.post([message(view(1))]).answer).json.code, 1)
  })
})
