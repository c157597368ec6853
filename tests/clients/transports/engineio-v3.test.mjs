// Protocol 3, where it differs: payloads with lengths, as text and as bytes, and what a websocket carries.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, Raw, encode } from '../lib/raw.mjs'
import { Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import { PRIMUS, askOn, connected, exchange, frameIn, handshake, message, socket } from '../lib/transports/engine.mjs'

const demo = useDemo()
const BYTES = { headers: { 'Content-Type': 'application/octet-stream' } }
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })

/** One packet in the form for bytes: its kind, its length digit by digit, 255, what it says. */
function framed (packet) {
  const text = typeof packet === 'string'
  const data = text ? Buffer.from(packet) : Buffer.concat([Buffer.of(4), packet])
  return Buffer.concat([Buffer.of(text ? 0 : 1, ...[...String(data.length)].map(Number), 255), data])
}

const frames = (...list) => Buffer.concat(list.map(framed))

async function ended (session) {
  await watcher.misses(session.id)
  await session.forgotten()
}

describe('a payload as text', () => {
  test('the open packet has its length, and the whole is told as text', async () => {
    for (const params of [{}, { b64: 1 }]) {
      const { body, headers } = await exchange(demo, 'GET', handshake({ EIO: 3, ...params })).answer
      const [, length] = /^(\d+):0\{/.exec(body)
      const open = body.slice(body.indexOf(':') + 1).slice(0, Number(length))
      assert.ok(JSON.parse(open.slice(1)).sid)
      assert.match(headers['content-type'], /^text\/plain; charset=UTF-8$/i)
    }
  })

  test('lengths count UTF-16 code units, the digit included', async () => {
    const session = await member(demo, { eio: 3 })
    for (const text of ['é', '€', '😀', '😀é€\u0000\u001e:4', '9:4']) {
      assert.equal((await session.post([message(saying(text)), message(view('end'))]).answer).body, 'ok')
      await watcher.hears(text)
      const heard = []
      for (let frame = await session.frame(); frame.messageId !== 'end'; frame = await session.frame()) {
        if (frame.context === 'user') heard.push(frame.message)
      }
      // The own copy may come behind both replies.
      while (heard.length === 0) heard.push((await session.frame()).message)
      assert.deepEqual(heard, [text])
    }
  })

  test('several packets in one payload, both ways', async () => {
    const session = await connected(demo, { eio: 3 })
    await session.send(...Array.from({ length: 30 }, (_, n) => view(n + 1)))
    for (let n = 1; n <= 30; n++) assert.equal((await session.frame()).messageId, n)
  })

  for (const [what, body] of [
    ['no length', ':4{}'],
    ['no colon', '4{}'],
    ['a length that is no number', 'x:4{}'],
    ['a negative length', '-3:4{}'],
    ['a length with a sign', '+3:4{}'],
    ['a fraction', '3.0:4{}'],
    ['a length past the end', '4:4{}'],
    ['a length of nothing', '0:'],
    ['a length without end', '9'.repeat(400)],
    ['an enormous length', '99999999999999999999:4{}'],
    ['a length in bytes', '7:4"😀"'],
    ['an unknown digit', '2:7x'],
    ['nothing', ''],
    ['the form of protocol 4', '4{}\u001e4{}'],
    ['base64 that is none', '5:b4=A!']
  ]) {
    test(`${what} ends the session; what stands before is handled`, async () => {
      const session = await member(demo, { eio: 3 })
      const before = `v3 before ${what}`
      const packet = message(saying(before))
      const { status } = await session.post(what === 'nothing' ? '' : `${packet.length}:${packet}${body}`).answer
      assert.ok(status === 400 || status === 200, String(status))
      if (what !== 'nothing') await watcher.hears(before)
      await ended(session)
    })
  }

  test('binary in base64 is taken and ignored by JSON frames', async () => {
    const session = await connected(demo, { eio: 3, params: { b64: 1 } })
    assert.equal((await session.post(['b4AQIDBA==', message(view(1))]).answer).body, 'ok')
    assert.equal((await session.frame()).messageId, 1)
  })
})

describe('a payload as bytes', () => {
  test('text and binary packets', async () => {
    const session = await connected(demo, { eio: 3 })
    const body = frames(message(view('é😀')), Buffer.of(1, 2, 255), message(view(2)), Buffer.alloc(0))
    assert.equal((await session.post(body, BYTES).answer).body, 'ok')
    assert.deepEqual([(await session.frame()).messageId, (await session.frame()).messageId], ['é😀', 2])
  })

  test('a ping and a close', async () => {
    const session = await member(demo, { eio: 3 })
    assert.equal((await session.post(frames('2probe'), BYTES).answer).body, 'ok')
    assert.equal(await session.packet(), '3probe')
    assert.equal((await session.post(frames('1'), BYTES).answer).body, 'ok')
    await ended(session)
  })

  for (const [what, body] of [
    ['an unknown kind', Buffer.of(2, 3, 255, 0x34, 0x7b, 0x7d)],
    ['a length past the end', Buffer.of(0, 4, 255, 0x34, 0x7b, 0x7d)],
    ['no length', Buffer.of(0, 255, 0x34)],
    ['a length of nothing', Buffer.of(0, 0, 255)],
    ['a digit that is none', Buffer.of(0, 10, 255, 0x34, 0x7b, 0x7d)],
    ['a digit in ASCII', Buffer.of(0, 0x33, 255, 0x34, 0x7b, 0x7d)],
    ['a length that never ends', Buffer.concat([Buffer.of(0), Buffer.alloc(5_000, 9)])],
    ['an enormous length', Buffer.concat([Buffer.of(0), Buffer.alloc(25, 9), Buffer.of(255, 0x34)])],
    ['text that is none', Buffer.of(0, 3, 255, 0x34, 0xff, 0xfe)],
    ['binary that is no message', Buffer.of(1, 2, 255, 9, 9)],
    ['half a packet', Buffer.of(0)]
  ]) {
    test(`${what} ends the session; what stands before is handled`, async () => {
      const session = await member(demo, { eio: 3 })
      const before = `v3 bytes before ${what}`
      await session.post(Buffer.concat([frames(message(saying(before))), body]), BYTES).answer
      await watcher.hears(before)
      await ended(session)
    })
  }
})

describe('a GET that waits', () => {
  test('is released with a noop as text, also for clients without b64', async () => {
    for (const params of [{}, { b64: 1 }]) {
      const session = await connected(demo, { eio: 3, params })
      const { answer } = await session.waiting()
      const raw = await session.candidate()
      raw.send('2probe')
      assert.equal(await raw.next(), '3probe')
      const { body, headers } = await answer
      assert.equal(body, '1:6')
      assert.match(headers['content-type'], /^text\/plain/)
      raw.send('5')
      assert.equal((await askOn(raw, view(1))).messageId, 1)
      raw.destroy()
    }
  })

  test('is told of the end in its own form', async () => {
    const session = await member(demo, { eio: 3 })
    const first = await session.waiting()
    const { status, json } = await session.get().answer
    assert.deepEqual([status, json.code], [400, 3])
    assert.equal((await first.answer).body, '1:1')
    await ended(session)
    const other = await member(demo, { eio: 3 })
    const { answer } = await other.waiting()
    assert.equal((await other.post('1:1').answer).body, 'ok')
    assert.equal((await answer).body, '1:6')
    await ended(other)
  })
})

describe('a websocket', () => {
  test('binary begins with its type', async () => {
    const raw = await socket(demo, { eio: 3 })
    raw.write(encode(BINARY, Buffer.of(4, 1, 2, 3)))
    raw.send('b4AQIDBA==')
    assert.equal((await askOn(raw, view(1))).messageId, 1)
    raw.write(encode(BINARY, Buffer.of(9, 1, 2, 3)))
    await raw.closed()
  })

  test('without lengths, also with b64', async () => {
    const raw = await Raw.open(demo, { path: handshake({ EIO: 3, transport: 'websocket', b64: 1 }) })
    assert.match(await raw.next(), /^0\{/)
    assert.ok(frameIn(await raw.next()).welcome)
    raw.destroy()
  })
})

test('a POST may have 10 MiB, on both mounts', { timeout: 30_000 }, async () => {
  const LIMIT = 10_485_760
  for (const path of [undefined, PRIMUS]) {
    const session = await connected(demo, { eio: 3, ...(path && { path }) })
    const packet = message({ event: 'detailsView', messageId: 1, pad: 'x'.repeat(9_000_000) })
    assert.equal((await session.post([packet]).answer).body, 'ok')
    const reply = await session.frame()
    assert.equal(reply.messageId, 1)
    assert.equal((await session.post('', { headers: { 'Content-Length': LIMIT + 1 } }).answer).status, 413)
    assert.equal((await session.ask(view(2))).messageId, 2)
  }
})
