// A link that is cut, and a server that is away for a while: the client comes back by itself as a new connection, subscribes
// again, then asks what waited. The old connection is gone.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf } from '../lib/actors/errors.mjs'
import { upstream } from '../lib/actors/server.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until, within } from '../lib/wait.mjs'

// 2.2.1's own server tells clients its own address, so that they would not go through the proxy.
const STAY = upstream ? { disableMetadataLookup: true } : {}

withEach(use => {
  /** A proxy, and a client behind it. */
  async function behindProxy () {
    const proxy = await Proxy.before(use.server)
    use.keep({ dispose: async () => proxy.close() })
    return { proxy, client: use.client({ at: proxy, ...STAY }) }
  }

  /** Who is in the room, by name. */
  const people = async connection => (await connection.call('listConnections')).map(({ username }) => username)

  /** Asks until there is an answer: what is under way when a link is cut is lost, which actor-core does not even tell. */
  const answer = (connection, ...call) => until(`an answer to ${call[0]}`, async () => {
    const answered = await within(400, 'an answer', connection.call(...call)).catch(() => null)
    return answered !== null && { answered }
  }, 10_000).then(({ answered }) => answered)

  /** For clients that try more than once. 2.3.19 gives up when the first attempt to come back fails. */
  function patient () {
    use.test('cut again and again, it is there once in the end', async () => {
      const key = use.key()
      const { proxy, client } = await behindProxy()
      const alice = await use.room('alice', key).connect()
      await alice.settled()
      const bob = await use.room('bob', key, client).connect()
      for (let i = 0; i < 5; i++) {
        await answer(bob, 'whoami')
        proxy.cut()
      }
      await answer(bob, 'whoami')
      await until('one bob is left', async () => (await people(alice)).join() === 'alice,bob')
      const lines = await alice.call('getLifecycle')
      const count = line => lines.filter(each => each === line).length
      assert.equal(count('connect:bob') - count('disconnect:bob'), 1, lines.join(', '))
    })

    use.test('a server that is away and comes back', async () => {
      const key = use.key()
      const { proxy, client } = await behindProxy()
      const counter = await client.getOrCreate('counter', key).connect()
      const heard = counter.hear('newCount')
      await counter.settled()
      await proxy.refuse()
      await use.counter({}, key).call('increment')
      await proxy.accept()
      assert.equal(await answer(counter, 'increment') >= 2, true)
      await until('it has heard', () => heard.length)
      assert.ok(!heard.includes(1), 'what happened meanwhile is not made up for')
    })
  }

  use.test('what is asked before it is connected comes after the subscriptions, in order', async () => {
    const counter = await use.counter().connect()
    const heard = counter.hear('newCount')
    const replies = await Promise.all([counter.call('append', 'x'), counter.call('increment', 5), counter.call('increment', 5)])
    // Each call of an event stream is a request of its own, and may come before the one that was made first.
    const order = use.subject.transport === 'sse' ? [...replies].sort((a, b) => a - b) : replies
    assert.deepEqual(order, [1, 5, 10])
    assert.deepEqual([...heard], [5, 10])
  })

  use.test('cut, it comes back as another connection; the old one is gone', async () => {
    const key = use.key()
    const { proxy, client } = await behindProxy()
    const alice = await use.room('alice', key).connect()
    const left = alice.hear('left')
    await alice.settled()
    const bob = await use.room('bob', key, client).connect()
    const { connId } = await bob.call('whoami')
    proxy.cut()
    await until('the others know', () => left.length)
    assert.deepEqual([...left], [{ username: 'bob', connId }])
    assert.notEqual((await answer(bob, 'whoami')).connId, connId)
    assert.deepEqual(await people(alice), ['alice', 'bob'])
    assert.deepEqual((await alice.call('getLifecycle')).sort(), ['connect:alice', 'connect:bob', 'connect:bob', 'disconnect:bob'])
  })

  use.test('events are heard again after a cut', async () => {
    const key = use.key()
    const { proxy, client } = await behindProxy()
    const counter = await client.getOrCreate('counter', key).connect()
    const heard = counter.hear('newCount')
    await counter.settled()
    proxy.cut()
    await answer(counter, 'getCount')
    await use.counter({}, key).call('increment', 3)
    await until('it has heard', () => heard.length)
    assert.deepEqual([...heard], [3])
  })

  // The streams' own way to come back takes three seconds.
  if (use.subject.transport === 'sse') return

  if (use.subject.version !== '2.3.19') patient()

  use.test('who unsubscribed hears nothing after a cut', async () => {
    const key = use.key()
    const { proxy, client } = await behindProxy()
    const counter = await client.getOrCreate('counter', key).connect()
    const heard = counter.hear('newCount')
    await counter.settled()
    heard.stop()
    proxy.cut()
    await answer(counter, 'getCount')
    await answer(counter, 'increment')
    await counter.settled()
    assert.deepEqual([...heard], [])
  })

  if (use.subject.family !== 'rivetkit') return

  use.test('two calls queued while it is away run after the subscription, in order', async () => {
    const { proxy, client } = await behindProxy()
    const counter = await client.getOrCreate('counter', use.key()).connect()
    const heard = counter.hear('newCount')
    await counter.settled()
    const queued = new Promise(resolve => counter.raw.onStatusChange(status => {
      if (status === 'connecting') resolve(Promise.all([counter.call('append', 'x'), counter.call('increment')]))
    }))
    proxy.cut()
    assert.deepEqual(await within(5_000, 'both are answered', queued), [1, 1])
    assert.deepEqual([...heard], [1])
    assert.deepEqual(await counter.call('getLog'), ['x'])
  })

  use.test('what is under way when it is cut is rejected, and not asked again', async () => {
    const { proxy, client } = await behindProxy()
    const counter = await client.getOrCreate('counter', use.key()).connect()
    assert.equal(await counter.call('append', 'once'), 1)
    const slow = errorOf(counter.call('slow', 1_000), 900)
    proxy.cut()
    assert.ok(await slow)
    assert.deepEqual(await answer(counter, 'getLog'), ['once'])
  })

  use.test('how it is doing is told', async () => {
    const { proxy, client } = await behindProxy()
    const counter = await client.getOrCreate('counter', use.key()).connect()
    await counter.settled()
    const from = counter.statuses.length
    proxy.cut()
    await until('it is connected again', () => counter.statuses.slice(from).includes('connected'))
    assert.deepEqual(counter.statuses.slice(from), ['disconnected', 'connecting', 'connected'])
  })
}, { takes: ({ transport, encoding }) => transport !== 'sse' || encoding === 'cbor' })
