// engine.io by itself: whatever its own clients say, text or bytes, they hear again, in whichever way it travels.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { WAYS, bytes, engineClient, useFixture } from '../lib/transports/fixture.mjs'
import { until, within } from '../lib/wait.mjs'

const server = useFixture()
const TEXTS = ['x', '4', 'b', 'bAQI=', 'é€😀', '\u0000\u2028\n"\\', '1:4', 'long €'.repeat(20_000)]
const LENGTHS = [1, 2, 3, 4, 125, 126, 256, 65_536, 300_000]

async function echoed (client, sent) {
  for (const data of sent) client.send(data)
  const heard = await client.heard.take(sent.length)
  for (const [n, data] of sent.entries()) assert.deepEqual(heard[n], data, `message ${n}`)
}

for (const way of WAYS) {
  describe(`engine.io-client ${way.version}, ${way.how}`, () => {
    const client = async () => {
      const client = await engineClient(server, way)
      await until(`it is on ${way.ends}`, () => client.transport.name === way.ends)
      return client
    }

    test('texts', async () => echoed(await client(), TEXTS))

    test('bytes', async () => echoed(await client(), LENGTHS.map(bytes)))

    test('nothing, as text and as bytes', async () => echoed(await client(), ['', Buffer.alloc(0), 'x']))

    test('texts and bytes in turns keep their order', async () => {
      const sent = Array.from({ length: 200 }, (_, n) => n % 2 ? bytes(n) : `${n}`)
      await echoed(await client(), sent)
    })

    test('nothing comes that was not said', async () => {
      const one = await client()
      await echoed(one, ['only'])
      assert.equal(one.heard.length, 0)
      one.close()
      await within(5_000, 'it has ended', one.ended)
    })
  })
}

for (const way of WAYS.filter(({ how }) => how.startsWith('upgrading'))) {
  test(`bytes go on while engine.io-client ${way.version} changes to a websocket, ${way.how}`, async () => {
    const client = await engineClient(server, way)
    const sent = []
    for (let n = 0; client.transport.name !== 'websocket' || n < 100; n++) {
      sent.push(n % 2 ? bytes(n % 300) : `${n}`)
      client.send(sent.at(-1))
      await new Promise(resolve => setImmediate(resolve))
    }
    const heard = await client.heard.take(sent.length)
    assert.deepEqual(heard, sent)
  })
}
