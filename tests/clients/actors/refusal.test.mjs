// Who is refused at the door: told why, never let in, and leaving nothing behind.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf, fails, tells } from '../lib/actors/errors.mjs'
import { until } from '../lib/wait.mjs'

const REFUSED = [
  { params: undefined, words: 'user/missing_username', message: 'username is required', metadata: null },
  { params: {}, words: 'user/missing_username', message: 'username is required', metadata: null },
  { params: { username: '', token: 'letmein' }, words: 'user/missing_username', message: 'username is required', metadata: null },
  { params: { username: 'eve', token: 'no' }, words: 'user/invalid_token', message: 'bad token', metadata: { username: 'eve' } },
  { params: { username: 'ève' }, words: 'user/invalid_token', message: 'bad token', metadata: { username: 'ève' } }
]

/** For those who are told. */
const rivetkit = ({ family }) => family === 'rivetkit'

withEach(use => {
  const room = (params, key = use.key()) => use.client().getOrCreate('chatRoom', key, { params })

  use.test('a stateless call is refused', async () => {
    for (const { params, words, message, metadata } of REFUSED) {
      await fails(room(params).call('getHistory'), words, { message, metadata })
    }
  })

  use.test('a connection is refused: its calls and its listeners are told why', async () => {
    for (const { params, words, message, metadata } of REFUSED) {
      const eve = await room(params).connect()
      tells(await errorOf(eve.call('whoami')), words, { message, metadata })
      await until('its listeners are told', () => eve.errors.length)
      tells(eve.errors[0], words, { message, metadata })
      await eve.dispose()
    }
  })

  use.test('all calls that wait are told', async () => {
    const eve = await room({ username: 'eve', token: 'no' }).connect()
    for (const error of await Promise.all(['whoami', 'getHistory', 'getLifecycle'].map(name => errorOf(eve.call(name))))) {
      tells(error, 'user/invalid_token', { metadata: { username: 'eve' } })
    }
  })

  // 2.3.19 gives up at once.
  if (use.subject.version === '2.3.19') return

  use.test('a refused one tries again, and is never connected', async () => {
    const eve = await room({ username: 'eve', token: 'no' }).connect()
    // 2.2.1 tells each refusal twice: as the server said it, and as it reads the reason of the close.
    await until('it was refused again', () => eve.errors.length >= 3)
    assert.ok(!eve.statuses.includes('connected'), eve.statuses.join(', '))
    for (const error of eve.errors) tells(error, 'user/invalid_token')
  })
}, { takes: rivetkit })

withEach(use => {
  use.test('who was refused was never there', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const joined = alice.hear('joined')
    await alice.settled()
    const eve = await use.client().getOrCreate('chatRoom', key, { params: { username: 'eve', token: 'no' } }).connect()
    const outcome = eve.call('sendMessage', 'I am in').then(() => 'let in', () => 'refused')
    if (use.subject.stateless) assert.equal(await outcome, 'refused')
    await use.room('bob', key).call('whoami')
    await until('bob has been there', () => joined.length)
    assert.deepEqual(joined.map(({ username }) => username), ['bob'])
    await until('alice is alone again', async () => (await alice.call('listConnections')).length === 1)
    assert.ok(!(await alice.call('getLifecycle')).some(line => line.includes('eve')))
    assert.deepEqual(await alice.call('getHistory'), [])
  })
})
