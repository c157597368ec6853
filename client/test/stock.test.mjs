// ActionHero's own client files, 29 and 18, as they are, on our primus.js: a page that loads both from the
// server gets the return into its rooms, the jitter and the queue without a change.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startDemo, startProxy } from './lib/demo.mjs'
import { commonJs, script } from './lib/page.mjs'
import { event, within } from './lib/wait.mjs'

const FILES = { 29: 'actionhero', 18: 'actionhero18' }
const file = version => fileURLToPath(new URL(
  `../../tests/clients/node_modules/${FILES[version]}/client/ActionheroWebsocketClient.js`, import.meta.url))

/** The class that a page gets. */
function stockClass (version, url) {
  const text = readFileSync(file(version), 'utf8')
    .replace('%%DEFAULTS%%', `return { apiPath: '/api', cookieKey: 'sessionID', url: ${JSON.stringify(url)} }`)
  return new Function('Primus', 'document', `${text}\nreturn ActionheroWebsocketClient`)(
    commonJs(script('primus.min.js')), undefined)
}

function stockClient (version, url) {
  return new (stockClass(version, url))({ reconnect: { min: 20, max: 200, retries: 100 } })
}

const connected = client => within('connected', new Promise((resolve, reject) => {
  client.connect((error, details) => error ? reject(error) : resolve(details))
}))
const ask = (client, method, ...args) => within(`reply to ${method}`, new Promise(resolve => client[method](...args, resolve)))

describe('ActionHero\'s client files on primus.js', () => {
  let demo, proxy
  before(async () => {
    demo = await startDemo()
    proxy = await startProxy(demo.port)
  })
  after(async () => {
    proxy.stop()
    await demo.stop()
  })

  for (const version of [29, 18]) {
    describe(`version ${version}`, () => {
      test('verbs, actions, chat and files', async () => {
        const a = stockClient(version, demo.url)
        assert.equal((await connected(a)).data.id, a.id)
        assert.equal((await ask(a, 'roomAdd', 'defaultRoom')).status, 'OK')
        assert.deepEqual(a.rooms, ['defaultRoom'])
        const heard = event(a, 'say')
        assert.equal((await ask(a, 'say', 'defaultRoom', 'hi')).status, 'OK')
        assert.equal((await heard).message, 'hi')
        assert.equal((await ask(a, 'roomView', 'defaultRoom')).data.members[a.id].id, a.id)
        assert.equal((await ask(a, 'action', 'cacheTest', { key: 'abc' })).error, 'value is a required parameter for this action')
        assert.equal((await ask(a, 'file', 'demo/hello.txt')).content, 'hello from the demo\n')
        assert.equal((await ask(a, 'roomLeave', 'defaultRoom')).status, 'OK')
        a.disconnect()
      })

      test('after a cut it is in its rooms again, and what waited arrives in order', async () => {
        const witness = stockClient(version, demo.url)
        const a = stockClient(version, proxy.url)
        await connected(witness)
        await connected(a)
        await ask(witness, 'roomAdd', 'otherRoom')
        await ask(a, 'roomAdd', 'otherRoom')
        for (let round = 0; round < 3; round++) {
          const down = event(a.client, 'close')
          const heard = []
          const all = event(witness, 'say', ({ message }) => heard.push(message) === 3)
          proxy.cut()
          await down
          for (const word of ['one', 'two', 'three']) a.send({ event: 'say', room: 'otherRoom', message: word })
          await all
          assert.deepEqual(heard, ['one', 'two', 'three'])
        }
        // Its own count of frames still fits: replies find their callbacks.
        assert.ok('randomNumber' in await ask(a, 'actionWebSocket', { action: 'randomNumber' }))
        assert.deepEqual((await ask(a, 'detailsView')).data.rooms, ['otherRoom'])
        a.disconnect()
        witness.disconnect()
      })

      test('two clients of a page do not hear each other\'s events', () => {
        const Client = stockClass(version, demo.url)
        const [a, b] = [new Client(), new Client()]
        let heard = 0
        b.on('say', () => heard++)
        a.emit('say')
        assert.equal(heard, 0)
        b.emit('say')
        assert.equal(heard, 1)
      })
    })
  }
})
