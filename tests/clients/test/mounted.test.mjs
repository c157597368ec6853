// An application that is mounted below a path of an axum site, and ActionHero's client as a server would have
// written it for that path. Nothing else differs, so this looks at one of everything.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PRIMUS, ask, closeClients, connect, stockClient } from '../lib/client.mjs'
import { mounted } from '../lib/demo.mjs'
import { event, within } from '../lib/wait.mjs'

const prefix = '/realtime'
let site

before(async () => { site = await mounted() })
after(async () => {
  closeClients()
  await site.kill()
})

async function text (path) {
  return (await fetch(site.url + path)).text()
}

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('all verbs work below the path', async () => {
      const a = await connect(site.url, { primus, prefix })
      const b = await connect(site.url, { primus, prefix })
      for (const client of [a, b]) assert.equal((await ask(client, 'roomAdd', 'lobby')).status, 'OK')
      const heard = event(b, 'say')
      await ask(a, 'say', 'lobby', 'hello')
      assert.equal((await heard).message, 'hello')
      const arrived = event(b, 'say')
      assert.equal((await ask(a, 'action', 'greet', { name: 'Ann' })).greeting, 'Hello Ann!')
      assert.deepEqual((await arrived).message, { arrived: 'Ann' })
      assert.equal((await ask(a, 'roomView', 'lobby')).data.membersCount, 2)
      assert.equal((await ask(a, 'roomLeave', 'lobby')).status, 'OK')
      assert.match((await ask(a, 'file', 'index.html')).content, /<html/)
      assert.equal((await ask(a, 'detailsView')).data.remoteIP, '127.0.0.1')
      assert.match(await text('/'), /^\d+ here$/)
      a.disconnect()
      b.disconnect()
    })
  })
}

test('a client that is not connected calls actions over HTTP below the path', async () => {
  const a = stockClient(site.url, { prefix })
  assert.equal((await ask(a, 'action', 'greet', { name: 'Ben' })).greeting, 'Hello Ben!')
})

test('Primus tells the path as its clients see it', async () => {
  assert.equal(JSON.parse(await text('/realtime/primus/spec')).pathname, '/realtime/primus')
  assert.equal((await fetch(`${site.url}/primus/spec`)).status, 404)
})

test('a site that stops says goodbye to its websockets', async () => {
  const other = await mounted()
  const a = await connect(other.url, { prefix, reconnect: { retries: 0 } })
  const gone = event(a, 'disconnected')
  other.child.kill('SIGINT')
  await gone
  const { code, signal } = await within(15_000, 'the site ends', other.exit)
  assert.deepEqual({ code, signal }, { code: 0, signal: null })
})
