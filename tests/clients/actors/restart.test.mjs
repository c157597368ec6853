// A server that is killed and started again on the same state: nothing that was answered is lost, clients come back by
// themselves, no connection is left over, and what was to happen meanwhile happens.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { withEach } from '../lib/actors/each.mjs'
import { upstream } from '../lib/actors/server.mjs'
import { dataFolder, startDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until, within } from '../lib/wait.mjs'

const TAKEN = ['rivetkit 2.0.33 bare', 'rivetkit 2.2.1 bare', 'actor-core 0.6.3 cbor websocket']
const STATE = { PLAYHOUSE_DATA_DIR: dataFolder() }

/** A place that stays while the servers behind it come and go. */
class Place {
  async ready () {
    this.started ??= this.begin()
    await this.started
  }

  async begin () {
    this.demo = await startDemo(STATE)
    this.proxy = await Proxy.before(this.demo)
    Object.assign(this.server, { port: this.proxy.port, url: this.proxy.url, host: this.proxy.url.slice(7) })
  }

  /** `kill` ends the server as a crash would, `stop` politely. */
  async again (how) {
    await this.proxy.refuse()
    await this.demo[how]()
    this.demo = await startDemo(STATE)
    this.proxy.demo = this.demo
    await this.proxy.accept()
  }

  server = {}
  at () { return upstream ? undefined : this.server }
}

const place = new Place()
after(async () => {
  place.proxy?.close()
  await place.demo?.stop()
})

/** What is under way when a server goes is lost; what is asked after that is answered. */
function answer (connection, ...call) {
  return until(`an answer to ${call[0]}`, async () => {
    const answered = await within(1_000, 'an answer', connection.call(...call)).catch(() => null)
    return answered !== null && { answered }
  }, 10_000).then(({ answered }) => answered)
}

withEach(use => {
  for (const how of ['kill', 'stop']) {
    use.test(`state and connections, ${how}`, async () => {
      const key = use.key()
      const handle = use.counter({}, key)
      const counter = await handle.connect()
      const heard = counter.hear('newCount')
      assert.equal(await counter.call('increment', 41), 41)
      assert.equal(await counter.call('append', 'kept'), 1)
      await place.again(how)
      assert.equal(await answer(counter, 'increment'), 42)
      assert.deepEqual(await answer(counter, 'getLog'), ['kept'])
      await until('it has heard', () => heard.includes(42))
      assert.equal(await use.client().get('counter', key).call('getCount'), 42)
    })
  }

  use.test('nobody is left over, and every connect has its disconnect', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    await alice.call('sendMessage', 'before')
    const old = (await alice.call('whoami')).connId
    await place.again('kill')
    const me = await answer(alice, 'whoami')
    assert.notEqual(me.connId, old)
    assert.deepEqual(await answer(alice, 'listConnections'), [{ id: me.connId, username: 'alice' }])
    assert.deepEqual(await answer(alice, 'getLifecycle'), ['connect:alice', 'disconnect:alice', 'connect:alice'])
    assert.deepEqual(await answer(alice, 'getHistory'), [{ seq: 1, from: 'alice', text: 'before' }])
  })

  use.test('a reminder that came due meanwhile', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const heard = alice.hear('reminder')
    await alice.settled()
    await alice.call('remindMe', 1_500, 'after all')
    await place.again('kill')
    await answer(alice, 'whoami')
    await until('it has come', () => heard.length, 8_000)
    assert.deepEqual([...heard], [{ username: 'alice', text: 'after all' }])
  })
}, { server: place, takes: ({ name }) => TAKEN.includes(name), abreast: 1 })
