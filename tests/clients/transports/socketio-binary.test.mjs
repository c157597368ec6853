// Bytes inside of what is said: as attachments among socket.io's clients, as a text for all others.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { CLIENTS, clientOf, guest, roomOf, useTable } from '../lib/transports/socketio.mjs'
import {
  binaryPacket, bye, connectPacket, eventPacket, forgotten, give, hole, lineAt, packetOn, parse, pollAt
} from '../lib/transports/socketio-wire.mjs'

const demo = useTable()
const BYTES = Buffer.from([0, 1, 2, 0x1e, 0x7f, 0x80, 0xff])
const MORE = Buffer.from('é and more')
const base64 = bytes => ({ $base64: bytes.toString('base64') })
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

/** What the plain websocket hears next. */
async function overheard (text) {
  await watcher.hears(text)
  const at = watcher.raw.texts.findIndex(frame => frame.includes(text))
  return watcher.raw.texts.splice(0, at).map(frame => JSON.parse(frame).message)
}

/** Whatever holds bytes, as a Buffer. */
const plain = value => Buffer.isBuffer(value) ? value : ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? Buffer.from(value) : value

for (const client of CLIENTS) {
  test(`${client.name}: bytes that are said are bytes for socket.io, and base64 for others`, async () => {
    const guests = await Promise.all([guest(client, demo), ...CLIENTS.map(each => guest(each, demo))])
    await Promise.all(guests.map(one => one.join(ROOM)))
    const [speaker] = guests
    const said = [BYTES, { a: BYTES, b: [MORE, { c: Buffer.alloc(0) }], text: BYTES.toString('base64') }, { same: [BYTES, BYTES] }, 'a text']
    for (const message of said) await speaker.say(ROOM, message)
    for (const one of guests) {
      const [alone, within, same, text] = await one.hears(said.length)
      assert.deepEqual(plain(alone), BYTES, one.client.name)
      assert.deepEqual([plain(within.a), plain(within.b[0]), plain(within.b[1].c), within.text], [BYTES, MORE, Buffer.alloc(0), said[1].text])
      assert.deepEqual(same.same.map(plain), [BYTES, BYTES])
      assert.equal(text, 'a text')
    }
    await watcher.say(`mark ${speaker.id}`)
    const heard = await overheard(`mark ${speaker.id}`)
    assert.deepEqual(heard.slice(-4), [
      base64(BYTES), { a: base64(BYTES), b: [base64(MORE), { c: base64(Buffer.alloc(0)) }], text: said[1].text },
      { same: [base64(BYTES), base64(BYTES)] }, 'a text'
    ])
  })

  test(`${client.name}: what only looks like bytes harms nobody who hears it`, async () => {
    const guests = await Promise.all([guest(client, demo), ...CLIENTS.map(each => guest(each, demo))])
    await Promise.all(guests.map(one => one.join(ROOM)))
    const bytes = base64(BYTES)
    for (const mark of [{ _placeholder: true, num: 99 }, { _placeholder: true, num: 0 }, { _placeholder: true, num: 0, more: 1 }]) {
      await guests[0].say(ROOM, { mark, bytes })
      await guests[0].say(ROOM, 'behind it')
      for (const one of guests) assert.deepEqual(await one.hears(2), [{ mark, bytes }, 'behind it'], one.client.name)
    }
    await Promise.all(guests.map(one => one.quiet()))
    await watcher.say('looked like bytes')
    await overheard('looked like bytes')
  })

  test(`${client.name}: bytes for an action that takes none`, async () => {
    const one = await guest(client, demo)
    for (const args of [['echo', { p: BYTES }], ['action', { action: 'echo', p: BYTES }]]) {
      const { error, context } = await one.ask(...args)
      assert.match(error, /"p" failed validation/)
      assert.equal(context, 'response')
    }
    const frame = { event: 'action', params: { action: 'echo', p: BYTES }, messageId: 'a' }
    one.socket.send(frame)
    const { error, messageId } = await one.responses.next()
    assert.match(error, /"p" failed validation/)
    assert.equal(messageId, 'a')
    for (const args of [['echo', BYTES], ['roomAdd', BYTES], ['say', BYTES], ['message', BYTES], ['action', { action: BYTES }], ['detailsView', BYTES]]) {
      const { error, status } = await one.ask(...args)
      assert.ok(typeof error === 'string' || (args[0] === 'detailsView' && status === 'OK'), args[0])
    }
    await one.quiet()
  })

  test(`${client.name}: large bytes, and many`, async () => {
    const [one, other] = await Promise.all([guest(client, demo), guest(clientOf(4, 'polling'), demo)])
    const room = await roomOf(one, other)
    // On polling base64 makes four of three.
    const large = Buffer.alloc(600_000, 0xa5)
    await one.say(room, { large })
    for (const each of [one, other]) assert.ok(plain((await each.heard.next()).message.large).equals(large), each.client.name)
    const many = Array.from({ length: 10 }, (_, n) => Buffer.alloc(n, n))
    await one.say(room, many)
    await one.say(room, 'after')
    for (const each of [one, other]) {
      const [bytes, text] = await each.hears(2)
      assert.deepEqual([bytes.map(plain), text], [many, 'after'])
    }
  })
}

test('bytes that were missed are bytes when they are replayed, and belong to their text', async () => {
  const [one, other] = await Promise.all([guest(clientOf(4, 'websocket'), demo, { proxied: true }), guest(clientOf(4, 'websocket'), demo)])
  const room = await roomOf(other, one)
  await one.away()
  await other.say(room, { a: BYTES, b: MORE })
  await other.say(room, 'text')
  await other.say(room, MORE)
  assert.equal((await one.back()).recovered, true)
  const [first, text, last] = await one.hears(3)
  assert.deepEqual([plain(first.a), plain(first.b), text, plain(last)], [BYTES, MORE, 'text', MORE])
  assert.ok(one.offsets.every(offset => typeof offset === 'string'))
})

describe('by hand', () => {
  const said = value => binaryPacket(['say', { room: ROOM, message: value }], 1, { id: 1 })

  /** Somebody in the room. */
  async function member () {
    const line = await lineAt(demo)
    assert.equal((await line.ask(['roomAdd', ROOM])).status, 'OK')
    return line
  }

  test('an attachment is numbered in the order in which it stands, and follows at once', async () => {
    const line = await member()
    line.give(binaryPacket(['say', { room: ROOM, message: { b: hole(1), a: hole(0) } }], 2), BYTES, MORE)
    const text = await line.packet()
    assert.match(text, /^52-\["say",\{.*\},"[^"]+"\]$/)
    const { data: [, { message }, offset] } = parse(text)
    assert.equal(typeof offset, 'string')
    const parts = [await line.packet(), await line.packet()]
    assert.deepEqual([parts[message.b.num], parts[message.a.num]], [MORE, BYTES])
  })

  test('base64 on polling, both ways', async () => {
    const session = await pollAt(demo)
    await give(session, `20["roomAdd","${ROOM}"]`, said(hole(0)), BYTES)
    const got = [await packetOn(session)]
    while (!Buffer.isBuffer(got.at(-1))) got.push(await packetOn(session))
    assert.deepEqual(got.pop(), BYTES)
    assert.deepEqual([got.at(-1).type, got.at(-1).attachments], [5, 1], 'right before it')
    await bye(session)
  })

  test('an ack with bytes that nobody waits for is nothing', async () => {
    const line = await member()
    line.give('61-5[{"_placeholder":true,"num":0}]', BYTES)
    assert.deepEqual(await line.before(), [])
  })

  for (const [what, packets] of [
    ['bytes that nobody announced', [BYTES]],
    ['more than were announced', [said(hole(0)), BYTES, BYTES]],
    ['a text in between', [said(hole(0)), eventPacket(['detailsView'], { id: 2 })]],
    ['an end of the namespace in between', [said(hole(0)), '1']],
    ['another namespace in between', [said(hole(0)), connectPacket({}, '/nowhere')]],
    ['a number out of range', [said(hole(1)), BYTES]],
    ['a number below zero', [said(hole(-1)), BYTES]],
    ['more than ten', [binaryPacket(['say', { room: ROOM, message: 'never' }], 11)]],
    ['more bytes than a message may have', [said(hole(0)), Buffer.alloc(1_100_000)]],
    ['more bytes together than a message may have', [
      binaryPacket(['say', { room: ROOM, message: [hole(0), hole(1)] }], 2), Buffer.alloc(600_000), Buffer.alloc(600_000)
    ]]
  ]) {
    test(`${what}: closed`, async () => {
      const line = await member()
      line.give(...packets, eventPacket(['say', { room: ROOM, message: 'never' }]))
      await line.ends()
      await watcher.say(`mark ${line.sid}`)
      assert.ok(!(await overheard(`mark ${line.sid}`)).includes('never'))
    })
  }

  test('bytes that nobody announced, on polling: closed', async () => {
    const session = await pollAt(demo)
    await give(session, BYTES)
    await forgotten(session)
  })

  test('attachments that never come: nothing was said, and the engine ends as any other', async () => {
    const line = await member()
    line.give(binaryPacket(['say', { room: ROOM, message: ['never', hole(0), hole(1)] }], 2), BYTES)
    line.destroy()
    await watcher.say(`mark ${line.sid}`)
    assert.ok(!JSON.stringify(await overheard(`mark ${line.sid}`)).includes('never'))
  })
})
