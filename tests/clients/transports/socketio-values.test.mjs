// What socket.io's clients send that is much, large, odd, or of the wrong shape.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLIENTS, clientOf, guest, roomOf, useTable } from '../lib/transports/socketio.mjs'

const demo = useTable()
const MANY = 1_000
const numbers = Array.from({ length: MANY }, (_, n) => n)

const ODD = [
  ...Array.from({ length: 32 }, (_, n) => `a${String.fromCharCode(n)}b`),
  '\u001e', '\u001e42["quit"]', '\u007f', '\u0080', '\u2028 \u2029', '\ufeff', '\uffff', 'é', '漢字', '😀', '\u{10ffff}', '😀'.repeat(1_000),
  '41', '42["quit"]', '0', '2probe', 'bAAEC', '51-["x",{"_placeholder":true,"num":0}]', '"', '\\', '\\u0041', '</script>', '  x  ', '[]', 'null'
]

/** Every shape of JSON that a message may have. */
const JSONS = [
  { a: 1 }, { a: [1, { b: null }], 'é': '😀' }, [1, 'two', [3]], [], {}, 5, -1.5, true, false, { _placeholder: false, num: 0 }
]

for (const client of CLIENTS) {
  test(`${client.name}: ${MANY} questions at once, answered in their order`, async () => {
    const one = await guest(client, demo)
    const order = []
    await Promise.all(numbers.map(n => one.details().then(({ id }) => { order.push(n); return id })))
    assert.deepEqual(order, numbers)
    await one.quiet()
  })

  test(`${client.name}: ${MANY} messages at once, heard in their order by itself and others`, async () => {
    const [one, other] = await Promise.all([guest(client, demo), guest(clientOf(4, 'websocket'), demo)])
    const room = await roomOf(one, other)
    const wanted = numbers.map(n => `${n}`)
    for (const [speaker, listeners] of [[one, [one, other]], [other, [one, other]]]) {
      await Promise.all(wanted.map(text => speaker.say(room, text)))
      for (const listener of listeners) assert.deepEqual(await listener.hears(MANY), wanted, listener.client.name)
    }
    await one.quiet()
    await other.quiet()
  })

  test(`${client.name}: odd texts, there and back`, async () => {
    const one = await guest(client, demo)
    const room = await roomOf(one)
    // One after the other: no more than five at once.
    for (const p of ODD) assert.equal((await one.ask('echo', { p })).p, p, JSON.stringify(p.slice(0, 40)))
    await Promise.all(ODD.map(text => one.say(room, text)))
    assert.deepEqual(await one.hears(ODD.length), ODD)
    await one.quiet()
  })

  test(`${client.name}: any JSON may be said`, async () => {
    const [one, other] = await Promise.all([guest(client, demo), guest(clientOf(4, 'polling'), demo)])
    const room = await roomOf(one, other)
    for (const message of JSONS) await one.say(room, message)
    for (const listener of [one, other]) assert.deepEqual(await listener.hears(JSONS.length), JSONS, listener.client.name)
  })

  test(`${client.name}: 900 kB, there and back`, async () => {
    const [one, other] = await Promise.all([guest(client, demo), guest(clientOf(3, 'upgrading'), demo)])
    const room = await roomOf(one, other)
    // Two bytes in UTF-8 for half of it, so that who counts characters is found out.
    const p = 'é'.repeat(225_000) + 'x'.repeat(450_000)
    const reply = await one.ask('echo', { p })
    assert.ok(reply.p === p && reply.len === 900_000)
    for (const [speaker, listener] of [[one, other], [other, one]]) {
      await speaker.say(room, p)
      for (const each of [speaker, listener]) assert.ok((await each.heard.next()).message === p, each.client.name)
    }
    await one.settled()
    assert.ok((await one.ask('echo', { p })).p === p, 'and after an upgrade')
    await one.quiet()
  })

  test(`${client.name}: a wrong shape is answered, and the connection stays`, async () => {
    const one = await guest(client, demo)
    const room = await roomOf(one)
    const wrong = [
      ['roomAdd'], ['roomAdd', null], ['roomAdd', ''], ['roomAdd', {}], ['roomAdd', 5], ['roomAdd', []], ['roomAdd', { room: null }],
      ['roomAdd', 'nowhere'], ['roomAdd', room], ['roomLeave'], ['roomLeave', {}], ['roomLeave', 'nowhere'], ['roomView'], ['roomView', 5],
      ['say'], ['say', room], ['say', null], ['say', 5], ['say', []], ['say', {}], ['say', { room }], ['say', { message: 'x' }],
      ['say', { room: 'nowhere', message: 'x' }],
      ['echo', 5], ['echo', 'x'], ['echo', [1]], ['echo', true], ['action'], ['action', 5], ['action', 'randomNumber'], ['action', []],
      ['action', { action: 5 }], ['action', { action: ['randomNumber'] }], ['file'], ['file', 5], ['file', { file: '../Cargo.toml' }],
      ['message'], ['message', 5], ['message', 'x'], ['message', []], ['message', {}], ['message', { event: 'fly' }], ['', {}]
    ]
    for (const args of wrong) {
      const { error, context } = await one.ask(...args)
      assert.ok(typeof error === 'string' && error !== '', `an error for ${JSON.stringify(args)}`)
      assert.equal(context, 'response', JSON.stringify(args))
    }
    assert.deepEqual((await one.details()).rooms, [room])
    await one.quiet()
    assert.deepEqual(one.losses.items, [])
  })

  test(`${client.name}: a wrong frame without an ack is a response`, async () => {
    const one = await guest(client, demo)
    for (const frame of [{ event: 'fly', messageId: 'a' }, { event: 'roomAdd', room: 'nowhere', messageId: 7 }]) {
      one.socket.send(frame)
      const { error, messageId } = await one.responses.next()
      assert.match(error, /^Error: /)
      assert.equal(messageId, frame.messageId)
    }
    one.socket.send({ event: 'quit' })
    assert.equal(await one.losses.next(), 'io server disconnect')
  })
}
