// Frames that make no sense, and what an attacker would try with the meaning of frames. Each gets
// its answer; two others chat all the time and notice nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, TEXT, encode, rawConnect } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'
import { useWitnesses } from '../lib/witness.mjs'

const demo = useDemo()
useWitnesses(demo)

const UNKNOWN = 'unknown action or invalid apiVersion'

for (const frame of [null, 5, -0.5, 'text', '', true, false, [], [null], [[1], 2], {}]) {
  test(`the frame ${JSON.stringify(frame)}`, async () => {
    const raw = await rawConnect(demo)
    const reply = await raw.ask(JSON.stringify(frame))
    assert.equal(reply.error, 'Error: verb not found or not allowed (undefined)')
    assert.equal(reply.status, reply.error)
    assert.equal(reply.context, 'response')
    assert.deepEqual(reply.data, frame)
    assert.match(reply.messageId, /^[0-9a-f-]{36}$/)
  })
}

test('what is not JSON is dropped, the connection stays', async () => {
  const raw = await rawConnect(demo)
  for (const text of ['', ' ', '{', '}', 'hello', 'primus::ping::1', "{'event':'quit'}", '{"event":"quit"', 'NaN', 'undefined',
    '{"event":"quit"} trailing', '\u0000', '"\u0001"', '01', '[1,]', '\ufeff{"event":"quit"}']) {
    raw.send(text)
  }
  assert.deepEqual(await raw.settled(), [])
})

test('binary frames are ignored', async () => {
  const raw = await rawConnect(demo)
  for (const bytes of ['', '{"event":"quit"}', Buffer.from([0xff, 0x00, 0x80]), Buffer.alloc(100_000)]) raw.write(encode(BINARY, bytes))
  assert.deepEqual(await raw.settled(), [])
})

test('an unknown event', async () => {
  const raw = await rawConnect(demo)
  for (const [event, name] of [['fly', 'fly'], ['', ''], [0, '0'], [1.5, '1.5'], [true, 'true'], [false, 'false'], [null, 'null'],
    [[], ''], [['a', ['b']], 'a,b'], [{}, '[object Object]'], ['QUIT', 'QUIT'], ['constructor', 'constructor']]) {
    const reply = await raw.ask({ event, messageId: 1 })
    assert.equal(reply.error, `Error: verb not found or not allowed (${name})`, JSON.stringify(event))
  }
})

test('params that are no object', async () => {
  const raw = await rawConnect(demo)
  for (const params of [undefined, null, 5, 'randomNumber', true, [], ['randomNumber'], {}, { action: null }, { action: {} }]) {
    assert.deepEqual(await raw.ask({ event: 'action', params, messageId: 1 }), { error: UNKNOWN, context: 'response', messageId: 1 })
  }
})

test('a file name that is no text', async () => {
  const raw = await rawConnect(demo)
  for (const file of [5, true, null, [], {}, ['index.html']]) {
    assert.equal((await raw.ask({ event: 'file', file, messageId: 1 })).error, 'that file is not found')
  }
})

test('a room name of 10,000 characters', async () => {
  const raw = await rawConnect(demo)
  const room = 'x'.repeat(10_000)
  assert.equal((await raw.ask({ event: 'roomAdd', room, messageId: 1 })).error, 'Error: room does not exist')
  assert.equal((await raw.ask({ event: 'roomView', room, messageId: 2 })).error, `Error: connection not in this room (${room})`)
  assert.equal((await raw.ask({ event: 'roomLeave', room, messageId: 3 })).error, `Error: connection not in this room (${room})`)
  const made = await raw.ask({ event: 'action', params: { action: 'createChatRoom', name: room }, messageId: 4 })
  assert.ok(made.error, 'names of rooms have at most 1,024 bytes')
  assert.equal((await raw.ask({ event: 'roomAdd', room, messageId: 5 })).error, 'Error: room does not exist')
})

test('room names are texts of at most 1,024 bytes', async () => {
  const a = await connect(demo.url)
  const longest = 'é'.repeat(512)
  assert.equal((await ask(a, 'action', 'createChatRoom', { name: longest })).didCreate, true)
  assert.equal((await ask(a, 'roomAdd', longest)).status, 'OK')
  for (const name of [`${longest}x`, {}, ['a'], { a: 1 }]) {
    const reply = await ask(a, 'action', 'createChatRoom', { name })
    assert.ok(reply.error, `${JSON.stringify(name).slice(0, 40)} is no name`)
    assert.equal(reply.didCreate, undefined)
  }
})

test('odd operands of the room verbs', async () => {
  const raw = await rawConnect(demo)
  for (const room of [5, true, {}, [], ['defaultRoom', 'x'], '__proto__', 'constructor', ' defaultRoom', 'DEFAULTROOM', 'defaultRoom\u0000']) {
    for (const event of ['roomView', 'roomLeave', 'say']) {
      const reply = await raw.ask({ event, room, message: 'x', messageId: 1 })
      assert.ok(reply.error, `${event} ${JSON.stringify(room)}`)
    }
  }
})

test('a burst of frames takes effect in order', async () => {
  const raw = await rawConnect(demo)
  const frames = [{ event: 'roomAdd', room: 'defaultRoom' }, { event: 'say', room: 'defaultRoom', message: 'in a burst' },
    { event: 'roomView', room: 'defaultRoom' }, { event: 'roomLeave', room: 'defaultRoom' }, { event: 'detailsView' }]
  raw.write(Buffer.concat(frames.map((frame, n) => encode(TEXT, JSON.stringify({ ...frame, messageId: n + 1 })))))
  const replies = []
  while (replies.length < frames.length) {
    const reply = await raw.value()
    if (reply.context === 'response') replies.push(reply)
    else assert.equal(reply.message, 'in a burst')
  }
  assert.deepEqual(replies.map(({ messageId }) => messageId), [1, 2, 3, 4, 5])
  assert.deepEqual(replies.map(({ status }) => status), Array(5).fill('OK'))
  assert.equal(replies[2].data.membersCount, 1)
  assert.deepEqual(replies[4].data.rooms, [])
})

test('a frame in the same segment as the handshake is processed, after the welcome', async () => {
  const raw = await rawConnect(demo, { first: encode(TEXT, '{"event":"roomAdd","room":"defaultRoom","messageId":"early"}') })
  assert.ok(raw.welcome.welcome)
  assert.deepEqual(await raw.value(), { status: 'OK', context: 'response', data: true, messageId: 'early' })
})

test('lone surrogates, duplicate keys and names of the language', async () => {
  const raw = await rawConnect(demo)
  for (const text of ['{"event":"\\ud800","messageId":1}', '{"event":"say","room":"\\udc00","message":"\\ud83d","messageId":1}',
    '{"event":"roomAdd","room":"\\ud800","messageId":1}', '{"event":"detailsView","messageId":"\\ud800"}',
    '{"__proto__":{"event":"quit"},"event":"fly","messageId":1}', '{"event":"fly","toString":1,"hasOwnProperty":2,"messageId":1}',
    '{"event":"action","params":{"action":"cacheTest","key":"\\ud800\\ud800\\ud800","value":"\\udfff\\udfff\\udfff"},"messageId":1}']) {
    raw.send(text)
  }
  // The cache is on the disk: its answer comes when the disk has it, after those that wait for nothing.
  const answers = []
  await until('each has its answer', async () => answers.push(...await raw.settled()) >= 7)
  assert.equal(answers.length + (await raw.settled()).length, 7, 'and no more than one')
  const doubled = await raw.ask('{"event":"fly","event":"detailsView","messageId":1,"messageId":2}')
  assert.deepEqual([doubled.status, doubled.messageId], ['OK', 2])
})

test('nested 100,000 deep', async () => {
  const raw = await rawConnect(demo)
  const deep = (open, middle, close) => open.repeat(100_000) + middle + close.repeat(100_000)
  for (const text of [deep('[', '', ']'), deep('{"a":', '1', '}'), '['.repeat(100_000),
    `{"event":"detailsView","x":${deep('[', '', ']')},"messageId":1}`,
    `{"event":"fly","x":${deep('{"a":', '1', '}')},"messageId":1}`,
    `{"event":"action","params":{"action":"cacheTest","key":${deep('[', '', ']')},"value":"xyz"},"messageId":1}`,
    `{"event":"say","room":"defaultRoom","message":${deep('[', '"x"', ']')},"messageId":1}`,
    `{"event":"detailsView","messageId":${deep('[', '', ']')}}`]) {
    raw.send(text)
  }
  // Deep values may be answered or taken for invalid JSON. Either way the connection works.
  await raw.settled()
  assert.equal((await raw.ask({ event: 'detailsView', messageId: 'after' })).messageId, 'after')
})

test('numbers that no number type holds', async () => {
  const raw = await rawConnect(demo)
  for (const id of ['1e400', '123456789012345678901234567890', '-0', '1E5', '0.1000']) {
    raw.send(`{"event":"detailsView","messageId":${id}}`)
    assert.ok((await raw.next()).includes('"status":"OK"'), id)
  }
  raw.send('{"event":"action","params":{"action":"sleepTest","sleepDuration":-1e300},"messageId":1}')
  raw.send('{"event":"action","params":{"action":"sleepTest","sleepDuration":"-5"},"messageId":2}')
  await raw.next()
  await raw.next()
})

test('addresses in odd headers of the upgrade', async () => {
  for (const address of ['[::1]', '[::1]:80', '[', 'nonsense', ',', '1.2.3.4:99999', 'x'.repeat(5_000)]) {
    const raw = await rawConnect(demo, { headers: { 'X-Forwarded-For': address, 'X-Real-IP': address, 'X-Forwarded-Port': address } })
    assert.equal((await raw.ask({ event: 'detailsView', messageId: 1 })).status, 'OK', address)
    raw.destroy()
  }
})

test('thousands of rooms: one connection is stopped, the others are not', async () => {
  const a = await connect(demo.url)
  const errors = []
  for (let n = 0; n < 1_100; n += 5) {
    const replies = await Promise.all([0, 1, 2, 3, 4].map(async m => {
      const name = `many-${n + m}`
      await ask(a, 'action', 'createChatRoom', { name })
      return new Promise(resolve => a.send({ event: 'roomAdd', room: name }, resolve))
    }))
    errors.push(...replies.filter(({ error }) => error))
  }
  assert.ok(errors.length >= 100, 'a connection may be in 1,000 rooms')
  assert.equal((await ask(a, 'detailsView')).data.rooms.length, 1_000)
  const b = await connect(demo.url)
  assert.equal((await ask(b, 'roomAdd', 'many-0')).status, 'OK')
})
