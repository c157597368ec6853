// What a program sees when an action fails: group, code, message and metadata, in every encoding.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf, fails } from '../lib/actors/errors.mjs'

const INHERITED = ['toString', 'valueOf', 'constructor', 'hasOwnProperty', '__proto__', '__defineGetter__', 'isPrototypeOf']

withEach(use => {
  /** Both ways to call. */
  async function ways (name = 'counter') {
    const handle = name === 'counter' ? use.counter() : use.room('alice')
    const connection = await handle.connect()
    // The connection's first call has the number 0, which the client also takes for a connection's error.
    await connection.settled()
    return [handle, connection]
  }

  use.test('an error with code, message and metadata', async () => {
    for (const way of await ways()) {
      await fails(way.call('fail', 'user'), 'user/insufficient_funds', {
        message: 'insufficient funds', metadata: { needed: 5, have: 2 }
      })
    }
  })

  use.test('an error with a message only', async () => {
    for (const way of await ways()) {
      await fails(way.call('fail', 'plain'), 'user/user_error', { message: 'plain failure', metadata: null })
    }
  })

  use.test('an unexpected failure tells nothing of its cause', async () => {
    for (const way of await ways()) {
      const error = await errorOf(way.call('fail', 'crash'))
      assert.equal(error.code, 'internal_error')
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /8271|secret/)
    }
  })

  use.test('an unexpected failure has a fixed message', async () => {
    for (const way of await ways()) {
      await fails(way.call('fail', 'crash'), 'internal/internal_error', {
        message: 'Internal error. Read the server logs for more details.', metadata: {}
      })
    }
  })

  const missing = use.subject.family === 'rivetkit' ? 'action/not_found' : 'rpc/rpc_not_found'

  use.test('an action that does not exist', async () => {
    for (const way of await ways()) await fails(way.call('noSuchAction'), missing)
  })

  use.test('a name that every object has is not an action', async () => {
    for (const way of await ways()) {
      for (const name of INHERITED) await fails(way.call(name), missing)
    }
  })

  use.test('a name of another case, or with an underscore, is not an action', async () => {
    for (const way of await ways()) {
      for (const name of ['getcount', 'GetCount', '_getCount', '_state', 'get count', 'getCount/', '%67etCount', '☃']) {
        await fails(way.call(name), missing)
      }
    }
  })

  use.test('an actor knows only its own actions', async () => {
    for (const way of await ways('chatRoom')) await fails(way.call('increment'), missing)
  })

  use.test('the error of the very first call of a connection', async () => {
    const connection = await use.counter().connect()
    await fails(connection.call('fail', 'user'), 'user/insufficient_funds', { metadata: { needed: 5, have: 2 } })
    assert.equal(await connection.call('increment'), 1, 'the connection goes on')
  })

  use.test('an error changes nothing, and what comes after it is answered', async () => {
    const [counter, connection] = await ways()
    const outcomes = await Promise.allSettled([
      connection.call('increment'), connection.call('fail', 'user'), connection.call('increment')
    ])
    assert.deepEqual(outcomes.map(({ status, value }) => value ?? status), [1, 'rejected', 2])
    assert.equal(await counter.call('getCount'), 2)
  })
})
