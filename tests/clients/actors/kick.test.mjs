// A connection that the actor ends: it is told the reason, the others are told that it left, and its client comes back.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf } from '../lib/actors/errors.mjs'
import { within, until } from '../lib/wait.mjs'

/** The connection that comes after the one of that id, once it is there. Calls that a close meets are lost. */
function backAs (connection, id) {
  return until('it is back', async () => {
    const me = await within(500, 'an answer', connection.call('whoami')).catch(() => null)
    return me && me.connId !== id && me
  })
}

/** A stream's own way to come back takes three seconds, so one of them will do. */
const takes = ({ transport, encoding }) => transport !== 'sse' || encoding === 'cbor'

withEach(use => {
  use.test('one is sent away, and comes back as another connection', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const heard = alice.hear('left')
    await alice.settled()
    const bob = await use.room('bob', key).connect()
    const { connId } = await bob.call('whoami')
    await bob.call('setNickname', 'bobby')
    assert.equal(await alice.call('kick', 'bob', 'too loud'), 1)
    await until('the others know', () => heard.length)
    assert.deepEqual([...heard], [{ username: 'bob', connId }])
    assert.equal((await backAs(bob, connId)).nickname, null, 'its state begins anew')
    const lines = await alice.call('getLifecycle')
    assert.deepEqual(lines.sort(), ['connect:alice', 'connect:bob', 'connect:bob', 'disconnect:bob'])
  })

  use.test('all of one name are sent away, one by its id alone', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const bobs = await Promise.all([1, 2].map(() => use.room('bob', key).connect()))
    const ids = await Promise.all(bobs.map(async bob => (await bob.call('whoami')).connId))
    assert.equal(await alice.call('kick', ids[0], 'you'), 1)
    await backAs(bobs[0], ids[0])
    assert.equal((await bobs[1].call('whoami')).connId, ids[1])
    assert.equal(await alice.call('kick', 'bob', 'both'), 2)
    assert.equal(await alice.call('kick', 'nobody', 'who?'), 0)
  })

  use.test('subscriptions are there again when it is back', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const bob = await use.room('bob', key).connect()
    const heard = bob.hear('newMessage')
    const { connId } = await bob.call('whoami')
    await alice.call('kick', 'bob', 'bye')
    await backAs(bob, connId)
    await alice.call('sendMessage', 'welcome back')
    await until('he has heard', () => heard.length)
    assert.deepEqual(heard.map(({ text }) => text), ['welcome back'])
  })
}, { takes })

withEach(use => {
  use.test('who sends itself away gets no reply but the reason', async () => {
    const alice = await use.room('alice').connect()
    await alice.settled()
    const error = await errorOf(alice.call('kick', 'alice', 'enough of me'))
    assert.match(error.message, /enough of me/)
    assert.match(error.message, /1000/)
    await until('it is back', () => alice.status === 'connected')
    assert.equal((await alice.call('whoami')).username, 'alice')
  })
}, { takes: ({ family }) => family === 'rivetkit' })
