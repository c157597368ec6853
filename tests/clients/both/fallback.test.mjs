// Our client where no websocket passes. Everything that it does otherwise it does here by polling: the subject
// `ours-polling` of the other files. This is about how it gets there, comes back, and leaves.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, describe, test } from 'node:test'
import { Censor, MANNERS } from '../lib/censor.mjs'
import { dataFolder, launch, startDemo, useDemo } from '../lib/demo.mjs'
import { ActionheroWebsocketClient } from '../lib/own.mjs'
import { enter, launchBrowser, say, sees } from '../lib/page.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { Watch } from '../lib/transports/watch.mjs'
import { until, within } from '../lib/wait.mjs'

/** How long a websocket without an answer is waited for. */
const PATIENCE = 600
const BURST = 1_000

const demo = useDemo()
const opened = []
afterEach(async () => {
  for (const one of opened.splice(0)) await (one.disconnect ?? one.close).call(one)
})

async function censor (manner, before = demo, kind = Censor) {
  const proxy = await kind.before(before)
  proxy.manner = MANNERS[manner]
  opened.push(proxy)
  return proxy
}

async function connect (url, options) {
  const client = new ActionheroWebsocketClient({ url, timeout: PATIENCE, reconnect: { min: 30, max: 200, retries: Infinity }, ...options })
  // Before its proxy goes.
  opened.unshift(client)
  await within(10_000, 'it is connected', client.connect())
  return client
}

const heardBy = client => {
  const heard = []
  client.on('say', ({ message }) => heard.push(message))
  return heard
}

const gone = (witness, room, id, ms) =>
  until('it is out of the room', async () => !(await witness.roomView(room)).data.members[id], ms)

for (const manner of Object.keys(MANNERS)) {
  test(`a network that ${manner} websockets: it polls, and works`, async () => {
    const proxy = await censor(manner)
    const a = new ActionheroWebsocketClient({ url: proxy.url, timeout: PATIENCE })
    opened.unshift(a)
    const told = []
    for (const event of ['timeout', 'error', 'reconnecting', 'disconnected']) a.on(event, () => told.push(event))
    assert.equal(a.transport, undefined)
    const { data } = await within(5_000, 'it is connected', a.connect())
    assert.deepEqual([a.transport, a.state, a.id, told], ['polling', 'connected', data.id, []])
    assert.equal(proxy.upgrades, 1)

    const b = await connect(demo.url)
    assert.equal(b.transport, 'websocket')
    for (const one of [a, b]) await one.roomAdd('otherRoom')
    const heard = [heardBy(a), heardBy(b)]
    const texts = Array.from({ length: BURST }, (_, n) => `${manner} ${n}`)
    await Promise.all([...texts.map(text => a.say('otherRoom', text)), a.action('sleepTest', { sleepDuration: 20 })])
    await until('all is heard', () => heard.every(one => one.length === BURST))
    for (const one of heard) assert.deepEqual(one, texts)
    await b.say('otherRoom', 'a word back')
    await until('it is heard', () => heard[0].at(-1) === 'a word back')

    assert.equal((await a.file('style.css')).mime, 'text/css')
    const seat = a.actor('counter', randomUUID())
    const counted = new Promise(resolve => seat.on('newCount', resolve))
    assert.equal(await seat.call('increment', 3), 3)
    assert.equal(await within(2_000, 'the event', counted), 3)

    const { id } = a
    await a.disconnect()
    assert.equal(a.transport, undefined)
    // Sooner than a session ends that nobody polls.
    await gone(b, 'otherRoom', id, 2_000)
  })
}

test('what was written last arrives before the end', async () => {
  const proxy = await censor('refuses')
  const [a, b] = [await connect(proxy.url), await connect(demo.url)]
  for (const one of [a, b]) await one.roomAdd('otherRoom')
  const heard = heardBy(b)
  const texts = Array.from({ length: 300 }, (_, n) => `last words ${n} ${'x'.repeat(1_000)}`)
  for (const text of texts) a.say('otherRoom', text).catch(() => {})
  const { id } = a
  await a.disconnect()
  await gone(b, 'otherRoom', id, 4_000)
  assert.deepEqual(heard, texts)
})

test('it comes back by polling when the server was killed, to its rooms and its seat', async () => {
  const data = { PLAYHOUSE_DATA_DIR: dataFolder() }
  const first = await startDemo(data)
  const proxy = await censor('swallows', first)
  const a = await connect(proxy.url)
  await a.roomAdd('otherRoom')
  const seat = a.actor('counter', 'it')
  await seat.call('increment')
  const before = proxy.upgrades
  const reasons = []
  a.on('disconnected', ({ why }) => reasons.push(why))
  await first.kill()
  await until('it knows', () => a.transport === undefined)
  const second = await launch({ env: { ...data, PORT: String(first.port) } }).listening()
  try {
    const back = new Promise(resolve => a.on('reconnect', resolve))
    await within(10_000, 'it is back', back)
    assert.deepEqual([a.transport, a.rooms, reasons], ['polling', ['otherRoom'], ['lost']])
    assert.equal((await a.say('otherRoom', 'here again')).status, 'OK')
    assert.equal(typeof await seat.call('increment'), 'number')
    assert.ok(proxy.upgrades - before <= 10, 'and has not insisted on a websocket')
  } finally {
    await a.disconnect()
    await second.stop()
  }
})

test('who had a websocket and gets none any more polls after some attempts', async () => {
  /** One that lets websockets through for a while. */
  class Changing extends Censor {
    lenient = true
    pass (part, a, b) { return this.lenient ? Proxy.prototype.pass.call(this, part, a, b) : super.pass(part, a, b) }
  }
  const proxy = await censor('refuses', demo, Changing)
  const a = await connect(proxy.url)
  assert.equal(a.transport, 'websocket')
  await a.roomAdd('otherRoom')
  proxy.lenient = false
  proxy.cut()
  await until('it polls', () => a.transport === 'polling', 10_000)
  assert.equal(proxy.upgrades, 3)
  assert.deepEqual((await a.detailsView()).data.rooms, ['otherRoom'])
})

test('a network that opens websockets and cuts them at the first word is found out', async () => {
  const proxy = await Watch.before(demo)
  opened.push(proxy)
  proxy.sockets = 'handshake'
  const a = await connect(proxy.url)
  assert.deepEqual([a.transport, (await a.detailsView()).status], ['polling', 'OK'])
  assert.ok(proxy.severed > 0 && proxy.severed < 4, `${proxy.severed} websockets were cut`)
})

test('what it learned holds when it connects anew', async () => {
  const proxy = await censor('swallows')
  const a = await connect(proxy.url)
  await a.disconnect()
  await a.connect()
  assert.deepEqual([a.transport, proxy.upgrades], ['polling', 1])
})

test('with `websockets: false` no websocket is wanted', async () => {
  const proxy = await censor('refuses')
  const a = await connect(proxy.url, { websockets: false })
  assert.equal(a.transport, 'polling')
  const { id } = a
  proxy.cut()
  await until('it is back', () => a.id !== id && a.transport === 'polling')
  assert.equal(proxy.upgrades, 0)
})

test('who must say who he is says it to polling too', async () => {
  const proxy = await censor('refuses')
  const a = await connect(`${proxy.url}/?sessionID=${'ab'.repeat(20)}`)
  assert.equal(a.fingerprint, 'ab'.repeat(20))
})

describe('in a page', () => {
  const browser = launchBrowser()
  after(async () => (await browser).close())

  /** The demo's chat, which loads the client that the server has made. */
  async function chat (proxy, name) {
    const page = await (await browser).newPage()
    opened.unshift(page)
    page.faults = []
    page.on('pageerror', ({ message }) => page.faults.push(message))
    await page.goto(`${proxy.url}/chat.html`)
    return enter(page, name, 'connected by polling')
  }

  /** Two people, and one more client in a page of theirs. */
  async function talk (proxy, server) {
    const [ann, ben] = [await chat(proxy, 'Ann'), await chat(proxy, 'Ben')]
    await say(ann, 'Good evening')
    await sees(ben, 'Good evening')
    await say(ben, 'Good evening to you')
    await sees(ann, 'Good evening to you')
    const seen = await ann.evaluate(async () => {
      const client = new window.ActionheroWebsocketClient()
      await client.connect()
      const { transport, fingerprint } = client
      await client.disconnect()
      return { transport, fingerprint, cookie: /sessionID=([^;]+)/.exec(document.cookie)?.[1] }
    })
    assert.equal(seen.transport, 'polling')
    assert.match(seen.cookie, /^[0-9a-f]{40}$/)
    assert.equal(seen.fingerprint, seen.cookie)
    // A page that goes drops its poll.
    const witness = await connect(server.url)
    await witness.roomAdd('defaultRoom')
    const count = async () => (await witness.roomView('defaultRoom')).data.membersCount
    assert.equal(await count(), 3)
    await ben.close()
    await until('it is gone', async () => await count() === 2, 2_000)
    assert.deepEqual(ann.faults, [])
  }

  test('the chat works where websockets are refused', async () => {
    const proxy = await censor('refuses')
    await talk(proxy, demo)
    assert.equal(proxy.upgrades, 3)
  })

  test('and where the server has told its clients to want none', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__CLIENT__WEBSOCKETS: 'false' })
    try {
      const proxy = await censor('refuses', server)
      await talk(proxy, server)
      assert.equal(proxy.upgrades, 0)
    } finally {
      for (const one of opened.splice(0)) await (one.disconnect ?? one.close).call(one)
      await server.stop()
    }
  })
})
