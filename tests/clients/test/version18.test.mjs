// Clients of ActionHero 18 and 19 send no messageId. They count their frames, and look for the count
// in `messageCount` of the reply.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { cookieOf, get } from '../lib/http.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { BINARY, encode, rawConnect } from '../lib/raw.mjs'
import { event } from '../lib/wait.mjs'

const demo = useDemo()
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a frame without messageId is answered with its ordinal and a fresh UUID', async () => {
  const raw = await rawConnect(demo)
  const frames = [{ event: 'detailsView' }, { event: 'fly' }, { event: 'action', params: { action: 'randomNumber' } },
    { event: 'file', file: 'nope' }, 5, {}, []]
  const ids = new Set()
  for (const [n, frame] of frames.entries()) {
    const reply = await raw.ask(frame)
    assert.equal(reply.messageCount, n + 1, `frame ${JSON.stringify(frame)}`)
    assert.match(reply.messageId, UUID)
    ids.add(reply.messageId)
  }
  assert.equal(ids.size, frames.length)
})

test('all data frames count; control strings, invalid JSON and binary frames do not', async () => {
  const raw = await rawConnect(demo)
  await raw.ask({ event: 'detailsView', messageId: 'counted although it has an id' })
  raw.send('"primus::pong::1"')
  raw.send('{')
  raw.write(encode(BINARY, '{"event":"detailsView"}'))
  assert.equal(await raw.ask('"primus::ping::7"'), 'primus::pong::7')
  const { messageCount } = await raw.ask({ event: 'detailsView' })
  assert.equal(messageCount, 2)
})

test('who sends a messageId, even a falsy one, never sees messageCount', async () => {
  const raw = await rawConnect(demo)
  for (const messageId of [1, 'x', 0, '', null, false]) {
    const reply = await raw.ask({ event: 'detailsView', messageId })
    assert.ok(!('messageCount' in reply))
    if (messageId) assert.equal(reply.messageId, messageId)
    else assert.match(reply.messageId, UUID)
  }
})

for (const primus of PRIMUS) {
  describe(`the client file of version 18 with the client of Primus ${primus}`, () => {
    const connect18 = (url, options) => connect(url, { version: 18, primus, ...options })

    test('verbs and actions', async () => {
      const a = await connect18(demo.url)
      assert.equal((await ask(a, 'roomAdd', 'defaultRoom')).status, 'OK')
      assert.deepEqual(a.rooms, ['defaultRoom'])
      const heard = event(a, 'say')
      assert.equal((await ask(a, 'say', 'defaultRoom', 'from 18')).status, 'OK')
      assert.equal((await heard).message, 'from 18')
      assert.ok((await ask(a, 'roomView', 'defaultRoom')).data.membersCount >= 1)
      assert.equal((await ask(a, 'roomLeave', 'defaultRoom')).status, 'OK')
      assert.equal((await ask(a, 'file', 'demo/hello.txt')).content, 'hello from the demo\n')
      assert.equal((await ask(a, 'action', 'cacheTest', { key: 'abc' })).error, 'value is a required parameter for this action')
      a.disconnect()
    })

    test('replies that overtake each other find their callbacks', async () => {
      const a = await connect18(demo.url)
      const slow = ask(a, 'action', 'sleepTest', { sleepDuration: 150 })
      const [number, details] = await Promise.all([ask(a, 'action', 'randomNumber'), ask(a, 'detailsView')])
      assert.ok('randomNumber' in number)
      assert.equal(details.data.id, a.id)
      assert.equal((await slow).sleepDuration, 150)
      a.disconnect()
    })

    test('the cookie of the upgrade request is the fingerprint', async () => {
      const cookie = cookieOf(await get(demo, '/api/randomNumber'))
      const a = await connect18(demo.url, { headers: { Cookie: `sessionID=${cookie}` } })
      assert.equal(a.fingerprint, cookie)
      a.disconnect()
    })

    test('after a cut it joins its rooms again', async () => {
      const proxy = await Proxy.before(demo)
      try {
        const a = await connect18(proxy.url)
        await ask(a, 'roomAdd', 'otherRoom')
        const before = a.id
        const back = event(a, 'message', ({ data }) => data?.id && data.id !== before)
        proxy.cut()
        assert.deepEqual((await back).data.rooms, ['otherRoom'])
        a.disconnect()
      } finally {
        proxy.close()
      }
    })
  })
}
