// A connection frame by frame, in each encoding: what a client is sent, to the byte, and in which order.

import assert from 'node:assert/strict'
import { byHand } from '../lib/actors/each.mjs'
import { ENCODINGS } from '../lib/actors/frames.mjs'
import { idOf } from '../lib/actors/management.mjs'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const ALICE = { username: 'alice', token: 'letmein' }

byHand('rivetkit', use => {
  const counter = async () => `/gateway/${await idOf(use.server, 'counter', use.key()[0])}/connect`
  const room = async () => `/gateway/${await idOf(use.server, 'chatRoom', use.key()[0])}/connect`

  /** A seat that has had its Init. */
  async function seated (path, options) {
    const seat = await use.seat(path, options)
    seat.init = await seat.next()
    assert.equal(seat.init.tag, 'Init', JSON.stringify(seat.init))
    return seat
  }

  use.test('the server selects rivet, and its first frame is Init', async () => {
    for (const encoding of ENCODINGS) {
      const path = await counter()
      const seat = await seated(path, { encoding })
      assert.equal(seat.protocol, 'rivet')
      assert.equal(path.split('/')[2], seat.init.actorId)
      assert.match(seat.init.connectionId, UUID)
      assert.equal(seat.frames[0].binary, encoding !== 'json')
    }
  })

  use.test('without an encoding it is json', async () => {
    const seat = await seated(await counter())
    assert.deepEqual(await seat.ask(0, 'getCount'), { tag: 'ActionResponse', id: 0n, output: 0 })
  })

  use.test('protocols that nobody knows', async () => {
    const params = encodeURIComponent(JSON.stringify(ALICE))
    const protocols = [
      'rivet', 'rivet_future.thing', 'rivet_token.abc', 'rivet_target.actor', 'rivet_encoding.cbor', `rivet_conn_params.${params}`
    ]
    const seat = await seated(await room(), { protocols, codec: 'cbor' })
    assert.equal((await seat.ask(0, 'whoami')).output.username, 'alice')
  })

  use.test('what comes before Init is kept, and answered after it', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await use.seat(await room(), { encoding, params: ALICE })
      seat.subscribe('newMessage')
      seat.send({ tag: 'ActionRequest', id: 0, name: 'sendMessage', args: ['early'] })
      const tags = [(await seat.next()).tag, (await seat.next()).tag, (await seat.next()).tag]
      assert.deepEqual(tags, ['Init', 'Event', 'ActionResponse'])
    }
  })

  use.test('an event comes before the reply to what caused it', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await seated(await counter(), { encoding })
      seat.subscribe('newCount')
      assert.deepEqual(await seat.ask(7, 'increment', 5), { tag: 'Event', name: 'newCount', args: [5] })
      assert.deepEqual(await seat.next(), { tag: 'ActionResponse', id: 7n, output: 5 })
    }
  })

  use.test('the bytes of BARE', async () => {
    const seat = await seated(await counter(), { encoding: 'bare' })
    const bytes = async hex => {
      seat.send(Buffer.from(hex, 'hex'))
      return (await seat.raw()).data.toString('hex')
    }
    assert.equal(await bytes('0200000009696e6372656d656e74028101'), '0200020001' + '01')
    assert.equal(await bytes('020000ac0208676574436f756e740180'), '020002ac020101')
    seat.subscribe('newCount')
    assert.equal(await bytes('0200000209696e6372656d656e74028101'), '0200' + '03' + '086e6577436f756e74' + '028102')
    assert.equal((await seat.raw()).data.toString('hex'), '020002020102')
    const missing = await bytes(`0200000308${Buffer.from('not mine').toString('hex')}0180`)
    assert.ok(missing.startsWith('020001' + '06616374696f6e' + '096e6f745f666f756e64'), missing)
    assert.ok(missing.endsWith('00' + '0103'), 'no metadata, call 3')
  })

  use.test('ids are big integers, in every place', async () => {
    const seat = await seated(await counter(), { encoding: 'json' })
    const text = async (...call) => {
      seat.send({ tag: 'ActionRequest', id: call[0], name: call[1], args: call.slice(2) })
      return JSON.parse(String((await seat.raw()).data)).body.val
    }
    assert.deepEqual(await text(0, 'getCount'), { id: ['$BigInt', '0'], output: 0 })
    assert.deepEqual(await text(2n ** 53n + 1n, 'getCount'), { id: ['$BigInt', '9007199254740993'], output: 0 })
    assert.deepEqual((await text(3, 'fail', 'plain')).actionId, ['$BigInt', '3'])
    const other = await seated(await counter(), { encoding: 'cbor' })
    other.send({ tag: 'ActionRequest', id: 0, name: 'getCount', args: [] })
    assert.ok((await other.raw()).data.toString('hex').includes('6269641b0000000000000000'))
  })

  use.test('no output is null, and there', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await seated(await counter(), { encoding })
      assert.deepEqual(await seat.ask(0, 'nothing'), { tag: 'ActionResponse', id: 0n, output: null })
    }
  })

  use.test('an error says which call it is of', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await seated(await counter(), { encoding })
      for (const id of [0n, 1n]) {
        assert.deepEqual(await seat.ask(id, 'fail', 'user'), {
          tag: 'Error', group: 'user', code: 'insufficient_funds', message: 'insufficient funds', metadata: { needed: 5, have: 2 }, actionId: id
        })
      }
      const { message, metadata = null, ...plain } = await seat.ask(2, 'noSuchAction')
      assert.deepEqual(plain, { tag: 'Error', group: 'action', code: 'not_found', actionId: 2n })
      assert.match(message, /noSuchAction/)
    }
  })

  use.test('every call is answered once, in order', async () => {
    const seat = await seated(await counter(), { encoding: 'bare' })
    for (let id = 0; id < 300; id++) seat.send({ tag: 'ActionRequest', id, name: id % 3 ? 'getCount' : 'nothing', args: [] })
    for (let id = 0; id < 300; id++) assert.equal((await seat.next()).id, BigInt(id))
  })

  use.test('subscribing twice and unsubscribing twice is as once', async () => {
    const seat = await seated(await counter(), { encoding: 'json' })
    seat.subscribe('newCount')
    seat.subscribe('newCount')
    assert.equal((await seat.ask(0, 'increment')).tag, 'Event')
    assert.equal((await seat.next()).tag, 'ActionResponse')
    seat.subscribe('newCount', false)
    seat.subscribe('newCount', false)
    seat.subscribe('never heard of', false)
    assert.equal((await seat.ask(1, 'increment')).tag, 'ActionResponse')
  })

  use.test('a direct message comes whether one subscribed or not', async () => {
    const seat = await seated(await room(), { encoding: 'json', params: ALICE })
    assert.deepEqual(await seat.ask(0, 'directMessage', 'alice', 'psst'), {
      tag: 'Event', name: 'directMessage', args: [{ from: 'alice', text: 'psst' }]
    })
    assert.deepEqual(await seat.next(), { tag: 'ActionResponse', id: 0n, output: 1 })
  })

  use.test('a subscription never loses to a later call', async () => {
    for (let i = 0; i < 20; i++) {
      const seat = await use.seat(await counter(), { encoding: 'bare' })
      seat.subscribe('newCount')
      assert.deepEqual([(await seat.ask(0, 'increment')).tag, (await seat.next()).tag, (await seat.next()).tag], ['Init', 'Event', 'ActionResponse'])
    }
  })

  use.test('who is refused is told everything, then the door is shut, without Init', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await use.seat(await room(), { encoding, params: { username: 'eve', token: 'no' } })
      assert.deepEqual(await seat.next(), {
        tag: 'Error', group: 'user', code: 'invalid_token', message: 'bad token', metadata: { username: 'eve' }, actionId: null
      })
      assert.deepEqual(await seat.closed(), { code: 1011, reason: 'user.invalid_token' })
      assert.equal(seat.frames.length, 1)
    }
  })

  use.test('an actor that does not exist is told on the open websocket', async () => {
    for (const encoding of ENCODINGS) {
      const seat = await use.seat('/gateway/0123456789abcdef/connect', { encoding })
      const { tag, group, code, actionId } = await seat.next()
      assert.deepEqual({ tag, group, code, actionId }, { tag: 'Error', group: 'actor', code: 'not_found', actionId: null })
      assert.deepEqual(await seat.closed(), { code: 1011, reason: 'actor.not_found' })
    }
  })

  use.test('sent away, one is closed with 1000 and the reason, without a reply', async () => {
    const seat = await seated(await room(), { encoding: 'json', params: ALICE })
    seat.send({ tag: 'ActionRequest', id: 0, name: 'kick', args: ['alice', 'too loud'] })
    assert.deepEqual(await seat.closed(), { code: 1000, reason: 'too loud' })
    assert.equal(seat.frames.length, 1)
  })

  use.test('a long reason is cut between two letters', async () => {
    const seat = await seated(await room(), { encoding: 'json', params: ALICE })
    seat.send({ tag: 'ActionRequest', id: 0, name: 'kick', args: ['alice', '☃'.repeat(100)] })
    assert.deepEqual(await seat.closed(), { code: 1000, reason: '☃'.repeat(41) })
  })
})
