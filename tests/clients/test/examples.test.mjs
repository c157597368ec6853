// The examples, each as its first lines say it is used, with ActionHero's own client.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { io } from 'socket.io-client'
import { ask, closeClients, connect, record } from '../lib/client.mjs'
import { example, launch } from '../lib/demo.mjs'
import { until, within } from '../lib/wait.mjs'

const started = []

async function start (name, env = {}) {
  const server = await launch({ command: example(name), env: { PLAYHOUSE_FILES__FOLDER: 'demo/public', ...env } }).listening()
  started.push(server)
  return server
}

after(async () => {
  closeClients()
  await Promise.all(started.map(server => server.stop()))
})

const answer = async (server, path) => (await fetch(`${server.url}${path}`)).json()

test('hello: one action over HTTP and websocket', async () => {
  const server = await start('hello')
  assert.equal((await answer(server, '/api/hello?name=Ann')).text, 'Hello Ann!')
  const client = await connect(server.url)
  assert.equal((await ask(client, 'action', 'hello', { name: 'Ben' })).text, 'Hello Ben!')
})

test('chat: rooms that people open, and messages that are looked at', async () => {
  const server = await start('chat')
  const [ann, ben] = await Promise.all([connect(server.url), connect(server.url)])
  assert.deepEqual((await ask(ann, 'action', 'openRoom', { name: 'garden' })).isNew, true)
  assert.deepEqual((await ask(ben, 'action', 'openRoom', { name: 'garden' })).isNew, false)
  const welcomed = record(ann, 'api')
  for (const client of [ann, ben]) assert.equal((await ask(client, 'roomAdd', 'garden')).data, true)
  await until('Ann is welcomed', () => welcomed.some(([, message]) => message.welcomeTo === 'garden'))
  const heard = record(ben, 'say')
  assert.equal((await ask(ann, 'say', 'garden', 'buy spam')).error, 'Error: please say that in other words')
  await ask(ann, 'say', 'garden', '  hello  ')
  await until('Ben hears it', () => heard.length > 0)
  assert.deepEqual(heard.map(([, { message, from }]) => [message, from]), [['hello', ann.id]])
})

test('socketio_chat: who connects says who it is, and what is missed comes later', async () => {
  const server = await start('socketio_chat')
  const sockets = []
  const seat = auth => {
    const socket = io(server.url, { auth, transports: ['websocket'], reconnectionDelay: 20, forceNew: true })
    sockets.push(socket)
    return socket
  }
  try {
    const [refusal] = await within(5_000, 'one without a name is refused', new Promise(resolve => seat({}).once('connect_error', (...all) => resolve(all))))
    assert.deepEqual([refusal.message, refusal.data], ['say your name: auth.name', { code: 'nameless' }])
    const [ann, ben] = [seat({ name: 'Ann' }), seat({ name: 'Ben' })]
    const heard = []
    ben.on('say', ({ message, from }) => heard.push([message, from]))
    for (const socket of [ann, ben]) assert.equal((await socket.timeout(5_000).emitWithAck('roomAdd', 'lounge')).data, true)
    ben.io.engine.close()
    await ann.timeout(5_000).emitWithAck('tell', { text: 'hello' })
    await until('Ben hears it', () => heard.length > 0)
    assert.equal(ben.recovered, true)
    assert.deepEqual(heard, [[{ name: 'Ann', text: 'hello' }, '0']])
    assert.match((await ann.timeout(5_000).emitWithAck('tell', { text: '' })).error, /text/)
  } finally {
    sockets.forEach(socket => socket.disconnect())
  }
})

for (const transport of ['websocket', 'polling']) {
  test(`socketio_chat: bytes are an input, a result and a message, on ${transport}`, async () => {
    const server = await start('socketio_chat')
    const seat = name => io(server.url, { auth: { name }, transports: [transport], forceNew: true })
    const sockets = [seat('Ann'), seat('Ben')]
    try {
      const [ann, ben] = sockets
      const heard = []
      ben.on('say', ({ message }) => heard.push(message))
      await ben.timeout(5_000).emitWithAck('roomAdd', 'lounge')
      const picture = Buffer.from([0, 0x1e, 0x80, 0xff])
      const shown = await ann.timeout(5_000).emitWithAck('show', { picture })
      assert.deepEqual(Buffer.from(shown.picture), picture)
      assert.deepEqual([shown.name, shown.bytes], ['Ann', 4])
      await until('Ben sees it', () => heard.length > 0)
      assert.deepEqual([heard[0].name, Buffer.from(heard[0].picture), heard[0].bytes], ['Ann', picture, 4])
      for (const odd of [{ picture: 5 }, { picture: Buffer.alloc(0) }, {}]) {
        assert.match((await ann.timeout(5_000).emitWithAck('show', odd)).error, /picture/)
      }
    } finally {
      sockets.forEach(socket => socket.disconnect())
    }
  })
}

test('presence: who is here, and who comes and goes', async () => {
  const server = await start('presence')
  const [ann, ben] = await Promise.all([connect(server.url), connect(server.url)])
  await ask(ann, 'action', 'signIn', { name: 'Ann' })
  await ask(ann, 'roomAdd', 'lounge')
  const heard = record(ann, 'say')
  await ask(ben, 'action', 'signIn', { name: 'Ben' })
  await ask(ben, 'roomAdd', 'lounge')
  await until('Ann hears that Ben is here', () => heard.some(([, { message }]) => message.name === 'Ben' && message.here))
  const { members } = (await ask(ann, 'roomView', 'lounge')).data
  assert.deepEqual(Object.values(members).map(member => member.name).sort(), ['Ann', 'Ben'])
  ben.disconnect()
  await until('Ann hears that Ben has gone', () => heard.some(([, { message }]) => message.name === 'Ben' && !message.here))
})

test('cluster: by itself it is a server like any other', async () => {
  const server = await start('cluster')
  const [ann, ben] = await Promise.all([connect(server.url), connect(server.url)])
  const heard = record(ben, 'api')
  assert.equal((await ask(ann, 'action', 'poke', { id: ben.id })).error, undefined)
  await until('Ben is poked', () => heard.some(([, message]) => message.pokedBy === ann.id))
  assert.match((await ask(ann, 'action', 'poke', { id: 'nobody' })).error, /no such connection/)
  assert.deepEqual([(await answer(server, '/api/visit')).count, (await answer(server, '/api/visit')).count], [1, 2])
})

test('drain: what runs is finished, and connections are told to come back', async () => {
  const server = await start('drain')
  const client = await connect(server.url)
  const closed = new Promise(resolve => client.client.once('reconnect scheduled', resolve))
  // On one connection, so that the work has begun when the server is told to stop.
  const work = ask(client, 'action', 'work', { seconds: 0.5 })
  await ask(client, 'action', 'restart')
  assert.equal((await work).data, 'done')
  await within(5_000, 'the client is to come back', closed)
  assert.deepEqual(await server.exit, { code: 0, signal: null })
  assert.match(server.log, /1 pieces of work were done/)
})
