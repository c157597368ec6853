// Our own client at actors, through a proxy that cuts and before servers that go: a lost seat is taken again, and what
// was asked for meanwhile is done once, in order.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { dataFolder, startDemo } from '../lib/demo.mjs'
import { ActionheroWebsocketClient } from '../lib/own.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until, within } from '../lib/wait.mjs'

const STATE = { PLAYHOUSE_DATA_DIR: dataFolder() }

let demo, proxy
const opened = []
before(async () => {
  demo = await startDemo(STATE)
  proxy = await Proxy.before(demo)
})
afterEach(async () => {
  for (const client of opened.splice(0)) await client.disconnect()
})
after(async () => {
  proxy.close()
  await demo.stop()
})

async function connect (url = proxy.url) {
  const client = new ActionheroWebsocketClient({ url, reconnect: { min: 20, max: 200, retries: Infinity } })
  opened.push(client)
  await within(5_000, 'it is connected', client.connect())
  return client
}

const key = () => randomUUID()
const open = seat => until('the seat is taken', () => seat.state === 'open')
const login = username => ({ username, token: 'letmein' })

/** A promise that may be rejected before anybody looks. */
const settled = promise => promise.then(value => ({ value }), ({ code }) => ({ code }))

describe('our client at actors', () => {
  test('calls and events', async () => {
    const name = key()
    const [a, b] = [(await connect()).actor('counter', name), (await connect()).actor('counter', name)]
    const heard = []
    const stop = b.on('newCount', count => heard.push(count))
    await open(b)
    assert.equal(await a.call('increment', 2), 2)
    await until('it is heard', () => heard.length === 1)
    stop()
    assert.equal(await b.call('increment'), 3)
    assert.deepEqual(heard, [2])
    await assert.rejects(a.call('fail', 'user'), { message: 'insufficient funds', code: 'insufficient_funds', metadata: { needed: 5, have: 2 } })
    await assert.rejects(a.call('nope'), { code: 'unknown_action' })
  })

  test('one that is not wanted hears the actor\'s own words', async () => {
    const client = await connect()
    const chat = client.actor('chatRoom', key(), { username: 'ann', token: 'no' })
    await assert.rejects(chat.call('getHistory'), { message: 'bad token', code: 'invalid_token', metadata: { username: 'ann' } })
    assert.equal(chat.state, 'closed')
    await assert.rejects(client.actor('nobody').call('x'), { code: 'unknown_actor' })
    assert.ok(await client.action('randomNumber'), 'the connection stays')
  })

  test('one that is sent out stays out', async () => {
    const name = key()
    const client = await connect()
    const [ann, bob] = ['ann', 'bob'].map(who => client.actor('chatRoom', name, login(who)))
    await open(bob)
    const closed = new Promise(resolve => bob.watch((state, failure) => resolve([state, failure.code, failure.message])))
    assert.equal(await ann.call('kick', 'bob', 'be nice'), 1)
    assert.deepEqual(await within(5_000, 'bob hears of it', closed), ['closed', 'disconnected', 'be nice'])
    await assert.rejects(bob.call('whoami'), { code: 'disconnected' })
  })

  test('through cuts events are heard again before what waited is done, in order and once', async () => {
    const client = await connect()
    const counter = client.actor('counter', key())
    const heard = []
    counter.on('newCount', count => heard.push(count))
    await counter.call('increment')
    for (let round = 0; round < 5; round++) {
      const slow = settled(counter.call('slow', 5_000))
      await counter.call('getCount')
      proxy.cut()
      assert.deepEqual(await slow, { code: 'connection_lost' })
      assert.equal(counter.state, 'waiting')
      const tags = ['a', 'b', 'c'].map(tag => counter.call('append', `${round}${tag}`))
      const count = counter.call('increment')
      assert.deepEqual(await within(10_000, 'what waited is done', Promise.all(tags)), [1, 2, 3].map(n => round * 3 + n))
      assert.equal(await count, round + 2)
    }
    assert.deepEqual(heard, [1, 2, 3, 4, 5, 6], 'each before its own answer')
    assert.deepEqual(await counter.call('getLog'), Array.from({ length: 15 }, (_, n) => `${Math.floor(n / 3)}${'abc'[n % 3]}`))
  })

  test('after a cut nobody is there twice', async () => {
    const name = key()
    const ann = (await connect(demo.url)).actor('chatRoom', name, login('ann'))
    await open(ann)
    const bob = (await connect()).actor('chatRoom', name, login('bob'))
    await open(bob)
    proxy.cut()
    await until('bob has gone', () => bob.state === 'waiting')
    await open(bob)
    await until('only one bob is there', async () =>
      (await ann.call('listConnections')).map(({ username }) => username).join() === 'ann,bob')
    assert.deepEqual(await ann.call('getLifecycle'), ['connect:ann', 'connect:bob', 'disconnect:bob', 'connect:bob'])
  })

  test('a server that stops answers what it has begun', async () => {
    const own = await startDemo()
    const counter = (await connect(own.url)).actor('counter', key())
    await open(counter)
    const slow = counter.call('slow', 500)
    await counter.call('getCount')
    const { code } = await own.stop()
    assert.deepEqual([await slow, code], [500, 0])
  })

  for (const how of ['kill', 'stop']) {
    test(`a server that is gone (${how}) and back`, async () => {
      const name = key()
      const counter = (await connect()).actor('counter', name)
      const heard = []
      counter.on('newCount', count => heard.push(count))
      assert.equal(await counter.call('increment', 5), 5)
      await proxy.refuse()
      await demo[how]()
      await until('the seat is lost', () => counter.state === 'waiting')
      const waits = counter.call('increment', 1)
      demo = await startDemo(STATE)
      proxy.demo = demo
      await proxy.accept()
      assert.equal(await within(15_000, 'what waited is done', waits), 6)
      assert.deepEqual(heard, [5, 6])
    })
  }
})
