// A link that dies without a word: no more bytes, and no end either. The server asks, gets no answer, and lets it go.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { upstream, useServer } from '../lib/actors/server.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until } from '../lib/wait.mjs'

/** How often the server asks; by default rather every 15 s. */
const INTERVAL = 300
const server = useServer({ PLAYHOUSE_ACTORS__PING_EVERY: String(INTERVAL) })

withEach(use => {
  use.test('who is silent is let go, and the others are told', async () => {
    const proxy = await Proxy.before(use.server)
    use.keep({ dispose: async () => proxy.close() })
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const left = alice.hear('left')
    await alice.settled()
    const bob = await use.room('bob', key, use.client({ at: proxy, ...upstream && { disableMetadataLookup: true } })).connect()
    const { connId } = await bob.call('whoami')
    proxy.hold()
    await until('the server has noticed', () => left.length)
    assert.deepEqual([...left], [{ username: 'bob', connId }])
    assert.deepEqual((await alice.call('listConnections')).map(({ username }) => username), ['alice'])
    assert.deepEqual(await alice.call('getLifecycle'), ['connect:alice', 'connect:bob', 'disconnect:bob'])
  })

  use.test('who says nothing but answers stays', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const { connId } = await alice.call('whoami')
    // Longer than the server waits for an answer; nothing else would show that it does not let go.
    await new Promise(resolve => setTimeout(resolve, 4 * INTERVAL))
    assert.equal((await alice.call('whoami')).connId, connId)
    assert.deepEqual(await alice.call('getLifecycle'), ['connect:alice'])
  })
}, { server, takes: ({ transport }) => transport !== 'sse' })
