// What no client sends: it costs whoever sends it the connection, and nobody else anything.

import assert from 'node:assert/strict'
import { afterEach } from 'node:test'
import { byHand } from '../lib/actors/each.mjs'
import { CODECS } from '../lib/actors/frames.mjs'
import { idOf } from '../lib/actors/management.mjs'
import { request } from '../lib/http.mjs'

/** CBOR that asks for more than it brings, or for more depth than anybody needs. */
const BOMBS = {
  'a list of 2^32 - 1': '9affffffff',
  'a list of 2^63': '9b7fffffffffffffff',
  'a map of 2^32 - 1': 'baffffffff',
  'a text of 4 GiB': '7affffffff',
  'bytes of 2^64 - 1': '5bffffffffffffffff',
  'a million lists in each other': '81'.repeat(1_000_000) + '80',
  'a million open lists': '9f'.repeat(1_000_000),
  'a million tags': 'c6'.repeat(1_000_000) + '00',
  'a million maps in each other': 'a100'.repeat(1_000_000) + '00',
  'a text that is not UTF-8': '8162c328',
  'a break out of place': '81ff',
  'a text of open length': '817f6161ff',
  'reserved kinds': '811c'
}

byHand('rivetkit', use => {
  const counter = () => idOf(use.server, 'counter', use.key()[0])

  afterEach(async () => {
    const { json } = await request(use.server, 'POST', `/gateway/${await counter()}/action/getCount`, { body: '{"args":[]}' })
    assert.deepEqual(json, { output: 0 }, 'others are served')
  })

  async function seated (encoding) {
    const seat = await use.seat(`/gateway/${await counter()}/connect`, { encoding })
    assert.equal((await seat.next()).tag, 'Init')
    return seat
  }

  async function isShut (seat, bytes, reason = 'message.malformed') {
    seat.send(bytes)
    assert.deepEqual(await seat.closed(), { code: 1011, reason }, `after ${Buffer.from(bytes).toString('hex').slice(0, 60)}`)
  }

  use.test('frames that cannot be read', async () => {
    const frames = {
      json: [
        '', '{', 'null', '[]', '{}', '{"body":7}', '{"body":{"tag":"Init","val":{}}}',
        '{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","0"],"args":[]}}}',
        '{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","0"],"name":"getCount","args":{}}}}',
        '{"body":{"tag":"SubscriptionRequest","val":{"eventName":7,"subscribe":true}}}'
      ],
      cbor: ['', 'ff', 'a0', '80', 'f6', 'a164626f647907', 'a164626f6479a2637461676d416374696f6e52657175657374', 'a164626f6479'],
      bare: [
        '', '02', '0200', '020007', '02000000', '0200000009', '0200000008676574436f756e7405', '02000008676574436f756e740180',
        '0200000008676574436f756e740107', '02000108ff'
      ]
    }
    for (const [encoding, list] of Object.entries(frames)) {
      for (const frame of list) await isShut(await seated(encoding), encoding === 'json' ? frame : Buffer.from(frame, 'hex'))
    }
  })

  use.test('frames that are cut off anywhere', async () => {
    const frame = CODECS.bare.encode({ tag: 'ActionRequest', id: 300, name: 'echo', args: [{ a: [1, 'text', 2.5] }] })
    await Promise.all(Array.from({ length: frame.length }, async (_, length) => isShut(await seated('bare'), frame.subarray(0, length))))
  })

  use.test('a text where bytes are meant', async () => {
    await isShut(await seated('bare'), 'text')
    await isShut(await seated('cbor'), 'text')
  })

  for (const [name, hex] of Object.entries(BOMBS)) {
    use.test(`CBOR: ${name}`, async () => {
      const bomb = Buffer.from(hex, 'hex')
      const before = performance.now()
      await isShut(await seated('cbor'), bomb)
      const seat = await seated('bare')
      await isShut(seat, Buffer.concat([Buffer.from('0200000004' + '6563686f', 'hex'), length(bomb.length), bomb]))
      const { status, json } = await request(use.server, 'POST', `/gateway/${await counter()}/action/echo`, {
        body: Buffer.concat([Buffer.from('a16461726773', 'hex'), bomb]), headers: { 'x-rivet-encoding': 'cbor' }
      })
      assert.equal(status, 400)
      assert.equal(`${json.group}/${json.code}`, 'message/malformed')
      assert.ok(performance.now() - before < 5_000)
    })
  }

  use.test('JSON of great depth', async () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000)
    await isShut(await seated('json'), `{"body":{"tag":"ActionRequest","val":{"id":["$BigInt","0"],"name":"echo","args":[${deep}]}}}`)
  })

  use.test('100,000 subscriptions', async () => {
    const seat = await seated('bare')
    for (let i = 0; i < 100_000 && !seat.close; i++) seat.subscribe(`event ${i} ${'x'.repeat(20)}`)
    seat.send({ tag: 'ActionRequest', id: 0, name: 'getCount', args: [] })
    const frame = await seat.next(15_000).catch(() => null)
    // It may take them all, or say that it is too much.
    if (frame) assert.ok(['ActionResponse', 'Error'].includes(frame.tag), frame.tag)
    else assert.equal((await seat.closed()).code, 1011)
  })

  use.test('an argument over the limit', async () => {
    for (const encoding of ['bare', 'json']) {
      const seat = await seated(encoding)
      seat.send({ tag: 'ActionRequest', id: 0, name: 'echo', args: ['x'.repeat(9 << 20)] })
      assert.deepEqual(await seat.closed(), { code: 1011, reason: 'message.incoming_too_long' })
    }
  })

  use.test('a thousand calls without waiting for an answer', async () => {
    const seat = await seated('bare')
    for (let id = 0; id < 1_000; id++) seat.send({ tag: 'ActionRequest', id, name: 'increment', args: [1] })
    let last
    for (let id = 0; id < 1_000; id++) last = await seat.next()
    assert.deepEqual(last, { tag: 'ActionResponse', id: 999n, output: 1_000 })
  })

  use.test('ids that somebody made up', async () => {
    for (const id of ['0', 'x'.repeat(5_000), '..%2F..%2Fetc', '%00', "'; drop table actors; --", '☃']) {
      const path = `/gateway/${id.includes('%') ? id : encodeURIComponent(id)}/action/getCount`
      const { status, json, body } = await request(use.server, 'POST', path, { body: '{"args":[]}' })
      assert.ok([400, 404].includes(status), `${path.slice(0, 60)}: ${status}`)
      if (json) assert.match(json.group, /^(actor|request)$/, body)
    }
  })

  use.test('parameters that are too many', async () => {
    const headers = { 'x-rivet-conn-params': JSON.stringify({ username: 'x'.repeat(10_000) }) }
    const { status } = await request(use.server, 'POST', `/gateway/${await counter()}/action/getCount`, { body: '{"args":[]}', headers })
    assert.ok([200, 400, 413, 431].includes(status), String(status))
  })
})

/** A length as BARE writes it. */
function length (value) {
  const bytes = []
  for (; value > 127; value >>= 7) bytes.push(value & 127 | 128)
  return Buffer.from([...bytes, value])
}
