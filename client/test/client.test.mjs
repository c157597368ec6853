// Our client and the demo: the whole way, with cuts in it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startDemo, startProxy } from './lib/demo.mjs'
import { commonJs, script } from './lib/page.mjs'
import { event, within } from './lib/wait.mjs'

const Client = commonJs(script('actionhero.min.js'))

describe('our client and the demo', () => {
  let demo, proxy
  const opened = []
  before(async () => {
    demo = await startDemo()
    proxy = await startProxy(demo.port)
  })
  after(async () => {
    for (const client of opened) await client.disconnect()
    proxy.stop()
    await demo.stop()
  })

  async function connect (url, options) {
    const client = new Client({ url, reconnect: { min: 20, max: 200, retries: 100 }, ...options })
    opened.push(client)
    await within('connected', client.connect())
    return client
  }

  test('actions, rooms, chat and files by promise', async () => {
    const a = await connect(demo.url)
    await a.roomAdd('defaultRoom')
    assert.deepEqual(a.rooms, ['defaultRoom'])
    const heard = event(a, 'say')
    await a.say('defaultRoom', 'hi')
    assert.deepEqual([(await heard).message, (await heard).from], ['hi', a.id])
    assert.equal((await a.roomView('defaultRoom')).data.members[a.id].id, a.id)
    assert.equal((await a.detailsView()).data.fingerprint, a.fingerprint)
    assert.ok('randomNumber' in await a.action('randomNumber'))
    await assert.rejects(a.action('cacheTest', { key: 'abc' }), /^Error: value is a required parameter for this action$/)
    await assert.rejects(a.roomAdd('nowhere'), /room does not exist/)
    assert.equal((await a.file('demo/hello.txt')).content, 'hello from the demo\n')
    await a.roomLeave('defaultRoom')
    assert.deepEqual(a.rooms, [])
  })

  test('what JSON can\'t say fails, and the connection stays', async () => {
    const a = await connect(demo.url)
    await assert.rejects(within('a failure', a.action('cacheTest', { key: 10n })), { code: 'not_encodable' })
    assert.ok('randomNumber' in await a.action('randomNumber'))
  })

  test('an action runs before there is a connection, and while it is gone', async () => {
    const a = new Client({ url: demo.url })
    assert.ok('randomNumber' in await a.action('randomNumber'))
    assert.equal(a.state, 'disconnected')
  })

  test('after a cut: who it is, its rooms, what waited, and what is uncertain', async () => {
    const witness = await connect(demo.url)
    await witness.roomAdd('otherRoom')
    const a = await connect(proxy.url)
    await a.roomAdd('otherRoom')
    const before = a.id
    const uncertain = a.action('sleepTest', { sleepDuration: 2_000 })
    await a.detailsView()
    const down = event(a, 'disconnected')
    const back = within('reconnect', new Promise(resolve => a.once('reconnect', () => resolve([a.id, a.rooms, a.state]))))
    proxy.cut()
    await down
    const heard = event(witness, 'say')
    const waited = a.say('otherRoom', 'meanwhile')
    await assert.rejects(uncertain, { code: 'connection_lost' })
    const [id, rooms, state] = await back
    assert.notEqual(id, before)
    assert.deepEqual([rooms, state], [['otherRoom'], 'connected'])
    assert.equal((await waited).status, 'OK')
    assert.deepEqual([(await heard).message, (await heard).from], ['meanwhile', id])
  })

  test('a connection that ended stays so, and can be begun anew with its rooms', async () => {
    const a = await connect(demo.url)
    await a.roomAdd('defaultRoom')
    await a.disconnect()
    await assert.rejects(a.say('defaultRoom', 'hi'), { code: 'not_connected' })
    assert.deepEqual((await a.connect()).data.rooms, ['defaultRoom'])
  })

  test('a server that ends the connection on purpose is left alone', async () => {
    const a = await connect(demo.url)
    const ended = event(a, 'disconnected')
    a.send({ event: 'quit' })
    assert.deepEqual(await ended, { why: 'server' })
    assert.equal(a.client.readyState, 2)
  })

  test('an address that is none is said to be none', async () => {
    await assert.rejects(new Client({ url: 'http://' }).connect(), /url: "http:\/\/" is no address/)
  })

  test('with `manual` the page opens it', async () => {
    const a = new Client({ url: demo.url, manual: true })
    opened.push(a)
    const connected = a.connect()
    const details = a.detailsView()
    assert.equal(a.client.readyState, 2)
    a.client.open()
    assert.equal((await connected).data.id, (await details).data.id)
  })

  test('nobody there', async () => {
    const a = new Client({ url: 'http://127.0.0.1:1', strategy: false })
    await assert.rejects(a.connect(), { code: 'connection_closed' })
    const tries = new Client({ url: 'http://127.0.0.1:1', reconnect: { min: 1, retries: 3 } })
    let attempts = 0
    tries.on('reconnecting', () => attempts++)
    await assert.rejects(tries.connect(), /could not be opened/)
    assert.equal(attempts, 3)
  })

  test('Primus\'s own API: data, id, transforms, end', async () => {
    const primus = new Client.Primus(demo.url)
    const seen = []
    primus.transform('outgoing', packet => { packet.data.messageId = 'changed' })
    primus.transform('incoming', (packet, next) => {
      seen.push(packet.data.context)
      next(null, packet.data.context !== 'api')
    })
    const data = event(primus, 'data')
    primus.write({ event: 'detailsView' })
    assert.equal((await data).messageId, 'changed')
    assert.deepEqual(seen, ['api', 'response'])
    const id = await within('an id', new Promise(resolve => primus.id(resolve)))
    assert.match(id, /^\S{8,}$/)
    const ended = event(primus, 'end')
    primus.end()
    await ended
    assert.equal(primus.destroy(), true)
  })
})
