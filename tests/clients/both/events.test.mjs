// Every event that a client documents, when it fires, and what the client shows at that moment.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere, promised } from '../lib/both.mjs'
import { announcer, launch, startDemo, useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()

everywhere(use => {
  /** Runs a body with a connected client behind a proxy. */
  async function behindProxy (body, options, rooms) {
    const proxy = await Proxy.before(demo)
    try {
      await body(await use().connect(proxy.url, options, rooms), proxy)
    } finally {
      await use().closeClients()
      proxy.close()
    }
  }

  test('welcome comes first, then connected; message for both', async () => {
    const a = await use().connect(demo.url)
    await a.event('connected')
    assert.deepEqual(await a.told('message', 'welcome', 'connected', 'api'), ['message', 'welcome', 'message', 'connected'])
    const welcome = await a.event('welcome')
    assert.match(welcome.value.welcome, /^Welcome to the .+ api$/)
    assert.equal(welcome.value.context, 'api')
  })

  test('connected shows the new details', async () => {
    const a = await use().connect(demo.url, {}, ['otherRoom'])
    const told = await a.event('connected')
    const { data } = await a.ask('detailsView')
    assert.deepEqual([told.state, told.id, told.rooms], ['connected', data.id, ['otherRoom']])
  })

  test('api and alert fire for what the application sends by itself', async () => {
    const speaker = await announcer({ PLAYHOUSE_WEBSOCKET__SERVER__ORIGINS: '*' })
    try {
      const a = await use().connect(speaker.url)
      await a.ask('roomAdd', 'stage')
      assert.deepEqual((await a.event('alert')).value, { context: 'alert', message: 'stage is being recorded' })
      assert.deepEqual((await a.event('api')).value, { here: 1, context: 'api' })
      assert.deepEqual(await a.told('api', 'alert'), ['api', 'alert'])
    } finally {
      await use().closeClients()
      await speaker.stop()
    }
  })

  test('say fires for chat, message for every frame', async () => {
    const a = await use().connect(demo.url, {}, ['defaultRoom'])
    const { id } = await a.look()
    const before = (await a.told('message')).length
    await a.ask('say', 'defaultRoom', 'one')
    const { value } = await a.event('say', { where: ({ from }) => from === id })
    assert.deepEqual(Object.keys(value), ['message', 'room', 'from', 'context', 'sentAt'])
    assert.deepEqual([value.message, value.room, value.context], ['one', 'defaultRoom', 'user'])
    assert.equal((await a.told('message')).length, before + 2, 'the reply and the own copy')
  })

  test('disconnected fires when the client leaves, and nothing after it', async () => {
    const a = await use().connect(demo.url)
    await a.tell('disconnect')
    assert.equal((await a.event('disconnected')).state, 'disconnected')
    assert.deepEqual(await a.told('reconnect', 'reconnecting'), [])
  })

  test('disconnected and reconnect fire when the connection is cut', () => behindProxy(async (a, proxy) => {
    const { id } = await a.look()
    await a.isCut(() => proxy.cut(), use.subject)
    await a.event('reconnect')
    const { data } = await a.isBack()
    assert.notEqual(data.id, id)
    assert.deepEqual(await a.told('disconnected', 'reconnect'), ['disconnected', 'reconnect'])
    assert.equal((await a.look()).state, 'connected')
  }))

  test('the same again, ten times', () => behindProxy(async (a, proxy) => {
    for (let n = 1; n <= 10; n++) {
      await a.isCut(() => proxy.cut(), use.subject)
      await until(`reconnect ${n}`, async () => (await a.told('reconnect')).length >= n)
      await a.isBack()
    }
    const told = await a.told('disconnected', 'reconnect')
    assert.equal(told.filter(event => event === 'disconnected').length, 10)
    // Version 18 says it each time.
    if (!use.subject.version) assert.equal((await a.told('connected')).length, 1, 'connected is for the first time')
  }))

  promised(use, 'mends', 'reconnecting fires, and the details are new before reconnect does', () => behindProxy(async (a, proxy) => {
    const { id } = await a.look()
    await a.isCut(() => proxy.cut(), use.subject)
    const told = await a.event('reconnect')
    const { data } = await a.ask('detailsView')
    assert.notEqual(told.id, id, 'the id at the moment of reconnect')
    assert.deepEqual([told.state, told.id, told.rooms], ['connected', data.id, ['defaultRoom', 'otherRoom']])
    const names = (await a.told('disconnected', 'reconnecting', 'reconnect'))
    assert.deepEqual([names[0], names.at(-1)], ['disconnected', 'reconnect'])
    assert.ok(names.slice(1, -1).length >= 1 && names.slice(1, -1).every(name => name === 'reconnecting'), names.join())
  }, {}, ['defaultRoom', 'otherRoom']))

  promised(use, 'rejoins', 'rooms are joined again after a cut', () => behindProxy(async (a, proxy) => {
    await a.ask('roomAdd', 'defaultRoom')
    await a.ask('roomAdd', 'otherRoom')
    await a.ask('roomLeave', 'defaultRoom')
    await a.isCut(() => proxy.cut(), use.subject)
    await a.event('reconnect')
    assert.deepEqual((await a.isBack()).data.rooms, ['otherRoom'])
    assert.equal((await a.ask('say', 'otherRoom', 'here again')).status, 'OK')
  }))

  test('a server that ends the connection on purpose ends it for good', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__DESTROY_CLIENTS_ON_SHUTDOWN: 'true' })
    const a = await use().connect(server.url)
    await server.stop()
    await a.event('disconnected')
    const again = await launch({ env: { PORT: String(server.port) } }).listening()
    try {
      // Longer than the longest pause between two attempts.
      await new Promise(resolve => setTimeout(resolve, 900))
      assert.deepEqual(await a.told('reconnect'), [])
      assert.equal((await a.look()).state, 'disconnected')
    } finally {
      await again.stop()
    }
  })

  test('a server that stops and comes back finds its clients again', async () => {
    const first = await startDemo()
    const a = await use().connect(first.url)
    await first.stop()
    await a.event('disconnected')
    const second = await launch({ env: { PORT: String(first.port) } }).listening()
    try {
      await a.isBack(20_000)
      assert.equal((await a.ask('roomAdd', 'defaultRoom')).status, 'OK')
    } finally {
      await use().closeClients()
      await second.stop()
    }
  })

  test('timeout fires while the server does not answer, connected when it does', async () => {
    const server = await startDemo()
    const proxy = await Proxy.before(server)
    let attempts = 0
    proxy.server.on('connection', () => { attempts++ })
    try {
      await server.freeze()
      // Long enough for a busy machine to connect, once it can.
      const a = await use().make(proxy.url, { timeout: 800 })
      await a.connect()
      await a.event('timeout')
      // ActionHero's client is lost for good if the attempt that it gives up opens after all.
      await until('it tries again', () => attempts > 1)
      server.thaw()
      await a.isConnected()
      assert.equal((await a.look()).state, 'connected')
    } finally {
      server.thaw()
      await use().closeClients()
      proxy.close()
      await server.kill()
    }
  })

  test('error fires with an Error when nobody listens', async () => {
    const a = await use().make('http://127.0.0.1:1')
    await a.connect()
    const { value } = await a.event('error')
    assert.ok(value.isError && value.hasStack, JSON.stringify(value))
  })
})
