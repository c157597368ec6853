// Five actions of a connection may run at once. What is more is refused at once, and the connection
// goes on answering everything else.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect } from '../lib/client.mjs'
import { startDemo, useDemo } from '../lib/demo.mjs'

const demo = useDemo()
const TOO_MANY = 'you have too many pending requests'

function sleepers (client, count, sleepDuration) {
  return Array.from({ length: count }, () => ask(client, 'action', 'sleepTest', { sleepDuration }))
}

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('of seven slow actions five run and two are refused', async () => {
      const a = await connect(demo.url, { primus })
      const order = []
      const calls = sleepers(a, 7, 300).map((call, n) => call.then(reply => { order.push(n); return reply }))
      const details = ask(a, 'detailsView').then(({ data }) => { order.push('details'); return data })

      const { totalActions, pendingActions } = await details
      assert.equal(totalActions, 7)
      assert.ok(pendingActions >= 5, 'it is answered while the five are running')
      const replies = await Promise.all(calls)
      assert.deepEqual(replies.map(({ error }) => error), [...Array(5).fill(undefined), TOO_MANY, TOO_MANY])
      assert.deepEqual(order.slice(0, 3).sort(), [5, 6, 'details'], 'refusals come at once')
      assert.equal((await ask(a, 'detailsView')).data.pendingActions, 0)
      assert.ok('randomNumber' in await ask(a, 'action', 'randomNumber'), 'and then there is room again')
    })
  })
}

test('while the limit is reached unknown actions get its text too', async () => {
  const a = await connect(demo.url)
  const calls = sleepers(a, 5, 200)
  assert.equal((await ask(a, 'action', 'noSuchAction')).error, TOO_MANY)
  await Promise.all(calls)
  assert.equal((await ask(a, 'action', 'noSuchAction')).error, 'unknown action or invalid apiVersion')
})

test('the limit is each connection\'s own', async () => {
  const [a, b] = await Promise.all([connect(demo.url), connect(demo.url)])
  const calls = sleepers(a, 5, 200)
  assert.ok('randomNumber' in await ask(b, 'action', 'randomNumber'))
  await Promise.all(calls)
})

test('the limit is a setting', async () => {
  const server = await startDemo({ PLAYHOUSE_ACTIONS__SIMULTANEOUS: '2' })
  try {
    const a = await connect(server.url)
    const replies = await Promise.all(sleepers(a, 3, 100))
    assert.deepEqual(replies.map(({ error }) => error), [undefined, undefined, TOO_MANY])
    a.disconnect()
  } finally {
    await server.stop()
  }
})
