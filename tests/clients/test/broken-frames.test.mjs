// Bytes that break the rules of RFC 6455. The connection is closed with the code that says why;
// nobody else notices.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, CLOSE, PING, PONG, TEXT, encode, rawConnect } from '../lib/raw.mjs'
import { useWitnesses } from '../lib/witness.mjs'

const demo = useDemo()
useWitnesses(demo)

const LIMIT = 10_485_760
const bytes = (...list) => Buffer.from(list)

/** The head of a masked frame that declares more than is sent. */
function declares (opcode, length) {
  const head = Buffer.alloc(14)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | 127
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

describe('closed with 1002', () => {
  const BROKEN = {
    'a frame without mask': encode(TEXT, 'x', { masked: false }),
    'a reserved bit': bytes(0xc1, 0x80, 0, 0, 0, 0),
    'another reserved bit': bytes(0x91, 0x80, 0, 0, 0, 0),
    'an unknown opcode': encode(3, 'x'),
    'an unknown control opcode': encode(11, 'x'),
    'a ping in parts': encode(PING, 'x', { fin: false }),
    'a ping of 126 bytes': encode(PING, 'x'.repeat(126)),
    'a continuation of nothing': encode(0, 'x'),
    'a message within a message': Buffer.concat([encode(TEXT, 'a', { fin: false }), encode(TEXT, 'b')]),
    'a close frame of one byte': encode(CLOSE, 'x'),
    'a close code that may not be sent': encode(CLOSE, bytes(0x03, 0xed)),
    'a close code out of range': encode(CLOSE, bytes(0x00, 0x01)),
    'a length with the top bit set': bytes(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
  }
  for (const [name, frame] of Object.entries(BROKEN)) {
    test(name, async () => {
      const raw = await rawConnect(demo)
      raw.write(frame)
      const code = await raw.closed()
      // A length beyond every limit is both a broken frame and too big a message.
      assert.ok(code === 1002 || (name.startsWith('a length') && code === 1009), `closed with ${code}`)
      assert.deepEqual(raw.texts, [])
    })
  }
})

describe('closed with 1007: text that is not UTF-8', () => {
  const INVALID = {
    'a stray byte': bytes(0xff),
    'a cut character': bytes(0x22, 0xe2, 0x82, 0x22),
    'an overlong form': bytes(0xc0, 0xaf),
    'a surrogate': bytes(0xed, 0xa0, 0x80),
    'beyond Unicode': bytes(0xf4, 0x90, 0x80, 0x80),
    'inside of JSON': Buffer.concat([Buffer.from('{"event":"'), bytes(0xfe), Buffer.from('"}')])
  }
  for (const [name, payload] of Object.entries(INVALID)) {
    test(name, async () => {
      const raw = await rawConnect(demo)
      raw.write(encode(TEXT, payload))
      assert.equal(await raw.closed(), 1007)
    })
  }

  test('in the second part of a message', async () => {
    const raw = await rawConnect(demo)
    raw.write(encode(TEXT, '"fine', { fin: false }))
    raw.write(encode(0, bytes(0xff)))
    assert.equal(await raw.closed(), 1007)
  })

  test('as the reason of a close frame', async () => {
    const raw = await rawConnect(demo)
    raw.write(encode(CLOSE, bytes(0x03, 0xe8, 0xff)))
    assert.equal(await raw.closed(), 1007)
  })
})

describe('closed with 1009: more than 10 MiB', () => {
  test('declared, before it is sent', async () => {
    const raw = await rawConnect(demo)
    raw.write(declares(TEXT, LIMIT + 1))
    assert.equal(await raw.closed(), 1009)
  })

  test('sent', async () => {
    const raw = await rawConnect(demo)
    raw.write(encode(TEXT, JSON.stringify('x'.repeat(LIMIT - 1))))
    assert.equal(await raw.closed(), 1009)
  })

  test('in parts', async () => {
    const raw = await rawConnect(demo)
    raw.write(encode(TEXT, `"${'x'.repeat(LIMIT / 2)}`, { fin: false }))
    raw.write(encode(0, `${'x'.repeat(LIMIT / 2)}"`))
    assert.equal(await raw.closed(), 1009)
  })

  test('binary as well, although it is ignored', async () => {
    const raw = await rawConnect(demo)
    raw.write(declares(BINARY, LIMIT + 1))
    assert.equal(await raw.closed(), 1009)
  })

  test('but 10 MiB are taken', async () => {
    const raw = await rawConnect(demo)
    raw.send(JSON.stringify('x'.repeat(LIMIT - 2)))
    const reply = await raw.value(20_000)
    assert.equal(reply.data.length, LIMIT - 2)
    assert.equal((await raw.ask({ event: 'detailsView', messageId: 1 })).status, 'OK')
  })
})

describe('allowed', () => {
  test('a message in many parts with pings between them', async () => {
    const raw = await rawConnect(demo)
    const text = '{"event":"detailsView","messageId":"in parts é"}'
    const parts = Buffer.from(text)
    for (let n = 0; n < parts.length; n++) {
      raw.write(encode(n === 0 ? TEXT : 0, parts.subarray(n, n + 1), { fin: n === parts.length - 1 }))
      if (n % 10 === 0) raw.write(encode(PING, `${n}`))
    }
    assert.equal((await raw.value()).messageId, 'in parts é')
    assert.deepEqual(raw.controls, ['0', '10', '20', '30', '40'])
  })

  test('one byte at a time', async () => {
    const raw = await rawConnect(demo)
    for (const byte of encode(TEXT, '{"event":"detailsView","messageId":1}')) {
      await new Promise(resolve => raw.socket.write(bytes(byte), resolve))
    }
    assert.equal((await raw.value()).status, 'OK')
  })

  test('a ping is answered with its payload, a pong with nothing', async () => {
    const raw = await rawConnect(demo)
    raw.write(encode(PONG, 'unasked'))
    raw.write(encode(PING, 'p'.repeat(125)))
    await raw.when('the pong', () => raw.controls.length)
    assert.deepEqual(raw.controls, ['p'.repeat(125)])
    assert.deepEqual(await raw.settled(), [])
  })

  test('a close frame is answered', async () => {
    for (const payload of ['', bytes(0x03, 0xe8), Buffer.concat([bytes(0x0f, 0xa0), Buffer.from('bye')])]) {
      const raw = await rawConnect(demo)
      raw.write(encode(CLOSE, payload))
      const code = await raw.closed()
      assert.ok([1000, 1005, 4000].includes(code), `closed with ${code}`)
    }
  })

  test('going without a word', async () => {
    for (let n = 0; n < 50; n++) {
      const raw = await rawConnect(demo)
      raw.send({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 })
      raw.socket.resetAndDestroy()
    }
    const raw = await rawConnect(demo)
    await raw.ask({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 })
    for (;;) {
      const { data } = await raw.ask({ event: 'roomView', room: 'defaultRoom', messageId: 2 })
      if (data.membersCount === 1) break
    }
  })
})
