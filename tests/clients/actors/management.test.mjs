// Getting and creating actors by name and key, as clients do it.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf, fails, tells } from '../lib/actors/errors.mjs'

const rivetkit = ({ family }) => family === 'rivetkit'
const KEYS = [[], ['a'], ['a', 'b'], ['a/b'], ['a\\', 'b'], ['a\\/b'], ['a', ''], [''], ['', ''], ['ünï ☃'], ['a b?c=d&e#f%2F+'], ['.'], ['..']]

/** actor-core's client shows the text of such an answer, which has the code in it. */
async function refused (use, promise, words, code) {
  if (use.subject.family === 'rivetkit') await fails(promise, words)
  else assert.match((await errorOf(promise)).message, new RegExp(`"code":"${code}"`))
}

withEach(use => {
  use.test('who gets what is not there is told so', async () => {
    const call = use.client().get('counter', use.key()).call('getCount')
    await refused(use, call, 'actor/not_found', 'actor_not_found')
  })

  use.test('what one made, another gets', async () => {
    const key = use.key()
    await use.client().getOrCreate('counter', key).call('increment', 4)
    assert.equal(await use.client().get('counter', key).call('getCount'), 4)
  })

  use.test('actors of one key and two names are two', async () => {
    const key = use.key()
    const client = use.client()
    await client.getOrCreate('counter', key).call('increment')
    const room = await use.room('alice', key, client).connect()
    assert.deepEqual(await room.call('getHistory'), [])
  })

  use.test('a name that nobody has registered', async () => {
    const call = use.client().getOrCreate('noSuchActor', use.key()).call('getCount')
    await refused(use, call, 'actor/unknown_actor', 'unknown_actor')
  })
})

withEach(use => {
  use.test('a key may be one text or several parts, of any letters', async () => {
    const word = use.key()[0]
    const client = use.client()
    for (const [i, parts] of KEYS.entries()) {
      const key = [word, ...parts]
      assert.equal(await client.getOrCreate('counter', key).call('increment', i + 1), i + 1, JSON.stringify(key))
    }
    for (const [i, parts] of KEYS.entries()) {
      const key = [word, ...parts]
      assert.equal(await use.client().get('counter', key).call('getCount'), i + 1, JSON.stringify(key))
    }
  })

  use.test('a text is a key of one part', async () => {
    const [word] = use.key()
    await use.client().getOrCreate('counter', word).call('increment', 2)
    assert.equal(await use.client().get('counter', [word]).call('getCount'), 2)
  })

  use.test('the input counts for the call that makes the actor', async () => {
    const key = use.key()
    const client = use.client()
    assert.equal(await client.getOrCreate('counter', key, { input: { start: 10 } }).call('getCount'), 10)
    assert.equal(await client.getOrCreate('counter', key, { input: { start: 99 } }).call('getCount'), 10)
  })

  use.test('create makes one, once', async () => {
    const key = use.key()
    const made = await use.client().create('counter', key, { input: { start: -3 } })
    assert.equal(await made.call('getCount'), -3)
    await fails(use.client().create('counter', key), 'actor/duplicate_key')
    assert.equal(await made.call('getCount'), -3)
  })

  use.test('an actor is found by its id', async () => {
    const handle = use.counter()
    await handle.call('increment', 6)
    const id = await handle.id()
    assert.match(id, /^[\w-]{1,64}$/)
    const again = use.client().getForId('counter', id)
    assert.equal(await again.call('getCount'), 6)
    assert.equal(await (await again.connect()).call('getCount'), 6)
  })

  use.test('its id stays', async () => {
    const key = use.key()
    const ids = await Promise.all([1, 2, 3].map(() => use.client().getOrCreate('counter', key).id()))
    assert.equal(new Set(ids).size, 1)
  })

  use.test('an id that nobody has given', async () => {
    const error = await errorOf(use.client().getForId('counter', '0123456789abcdef').call('getCount'))
    tells(error, 'actor/not_found')
  })

  use.test('all namespaces are one', async () => {
    const key = use.key()
    await use.client().getOrCreate('counter', key).call('increment')
    const elsewhere = use.client({ namespace: 'elsewhere' })
    assert.equal(await elsewhere.getOrCreate('counter', key).call('getCount'), 1)
  })

  use.test('a client with a token is served as well', async () => {
    const client = use.client({ token: 'a token/with %2F ü'.normalize() })
    const counter = client.getOrCreate('counter', use.key())
    assert.equal(await counter.call('increment'), 1)
    assert.equal(await (await counter.connect()).call('increment'), 2)
  })
}, { takes: rivetkit })
