// Every event that ActionHero's client can fire and a server can cause. `alert` and `api` other than the
// welcome are what an application sends by itself, so they come from the example `announcer`.
//
// The client also listens to an event `reconnecting` of Primus 2 that no Primus of the versions 6 to 8
// fires; that it stays silent is part of the test below.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, connected, record, stockClient } from '../lib/client.mjs'
import { announcer, startDemo, useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { event, until } from '../lib/wait.mjs'

const demo = useDemo()

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('welcome comes first, then connected', async () => {
      const a = stockClient(demo.url, { primus })
      const seen = record(a, 'welcome', 'connected', 'message')
      const welcome = event(a, 'welcome')
      await connected(a)
      assert.match((await welcome).welcome, /^Welcome to the .+ api$/)
      assert.match(a.welcomeMessage, /^Welcome to the .+ api$/)
      assert.equal(a.state, 'connected')
      assert.deepEqual(seen.map(([name]) => name), ['message', 'welcome', 'message', 'connected'])
      assert.deepEqual(Object.keys(seen[0][1]), ['welcome', 'context'])
      assert.equal(seen[0][1].context, 'api')
    })

    test('api and alert fire for what the application sends by itself', async () => {
      const speaker = await announcer()
      try {
        const a = stockClient(speaker.url, { primus })
        const seen = record(a, 'api', 'alert')
        await connected(a)
        const alert = event(a, 'alert')
        await ask(a, 'roomAdd', 'stage')
        assert.deepEqual(await alert, { context: 'alert', message: 'stage is being recorded' })
        assert.deepEqual(seen.map(([name]) => name), ['api', 'alert'])
        assert.deepEqual(seen[0][1], { here: 1, context: 'api' })
      } finally {
        await speaker.stop()
      }
    })

    test('message fires for every frame, say for chat', async () => {
      const a = await connect(demo.url, { primus })
      await ask(a, 'roomAdd', 'defaultRoom')
      const seen = record(a, 'say', 'message')
      const heard = event(a, 'say')
      await ask(a, 'say', 'defaultRoom', 'one')
      const said = await heard
      assert.deepEqual(Object.keys(said), ['message', 'room', 'from', 'context', 'sentAt'])
      assert.deepEqual([said.message, said.room, said.from, said.context], ['one', 'defaultRoom', a.id, 'user'])
      assert.equal(seen.filter(([name]) => name === 'message').length, 2, 'the reply and the own copy')
    })

    test('disconnected fires when the client leaves', async () => {
      const a = await connect(demo.url, { primus })
      const seen = record(a, 'disconnected')
      a.disconnect()
      await until('disconnected', () => seen.length > 0)
      assert.equal(a.state, 'disconnected')
    })

    test('disconnected and reconnect fire when the connection is cut', async () => {
      const proxy = await Proxy.before(demo)
      try {
        const a = await connect(proxy.url, { primus })
        const seen = record(a, 'disconnected', 'reconnect', 'reconnecting')
        const open = event(a.client, 'open')
        proxy.cut()
        await open
        assert.deepEqual(seen.map(([name]) => name), ['disconnected', 'reconnect'])
        assert.equal(a.state, 'connected')
        a.disconnect()
      } finally {
        proxy.close()
      }
    })

    test('timeout fires while the server does not answer, connected when it does', async () => {
      const server = await startDemo()
      try {
        await server.freeze()
        const a = stockClient(server.url, { primus, timeout: 200 })
        const timeout = event(a, 'timeout')
        const done = connected(a, 10_000)
        await timeout
        server.thaw()
        await done
        assert.equal(a.state, 'connected')
        a.disconnect()
      } finally {
        server.thaw()
        await server.kill()
      }
    })

    test('error fires when nobody listens', async () => {
      const server = await startDemo()
      await server.kill()
      const a = stockClient(server.url, { primus })
      const error = event(a, 'error')
      a.connect()
      assert.ok((await error) instanceof Error)
      a.client.end()
    })
  })
}
