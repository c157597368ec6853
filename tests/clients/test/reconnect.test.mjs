// Connections break. The stock client comes back by itself, as a new connection, and works.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, record } from '../lib/client.mjs'
import { launch, useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { event, until } from '../lib/wait.mjs'

const demo = useDemo()

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('a cut connection comes back under a new id and works', async () => {
      const proxy = await Proxy.before(demo)
      const witness = await connect(demo.url)
      await ask(witness, 'roomAdd', 'otherRoom')
      try {
        const a = await connect(proxy.url, { primus })
        await ask(a, 'roomAdd', 'otherRoom')
        const before = a.id
        const open = event(a.client, 'open')
        proxy.cut()
        await open

        const { data } = await ask(a, 'detailsView')
        assert.notEqual(data.id, before)
        assert.deepEqual([data.rooms, data.totalActions], [[], 0], 'the server sees a new connection')
        await until('the old connection has left the room', async () =>
          !(await ask(witness, 'roomView', 'otherRoom')).data.members[before])

        await ask(a, 'roomAdd', 'otherRoom')
        assert.equal(a.id, data.id, 'roomAdd tells the client who it is now')
        const heard = event(witness, 'say')
        await ask(a, 'say', 'otherRoom', 'back again')
        assert.equal((await heard).message, 'back again')
        assert.ok('randomNumber' in await ask(a, 'action', 'randomNumber'))
        a.disconnect()
      } finally {
        witness.disconnect()
        proxy.close()
      }
    })

    test('what is written meanwhile is sent after the return, in order', async () => {
      const proxy = await Proxy.before(demo)
      try {
        const a = await connect(proxy.url, { primus })
        const down = event(a.client, 'close')
        proxy.cut()
        await down
        // Written while down: the room of the old connection is gone, so the first one joins again.
        const seen = record(a, 'say')
        a.send({ event: 'roomAdd', room: 'defaultRoom' })
        const replies = await Promise.all(['one', 'two', 'three'].map(text => ask(a, 'say', 'defaultRoom', text)))
        assert.deepEqual(replies.map(({ status }) => status), ['OK', 'OK', 'OK'])
        await until('all are heard', () => seen.length === 3)
        assert.deepEqual(seen.map(([, { message }]) => message), ['one', 'two', 'three'])
        a.disconnect()
      } finally {
        proxy.close()
      }
    })

    test('a server that was killed and comes back finds its clients again', async () => {
      const first = await launch({}).listening()
      const a = await connect(first.url, { primus })
      const down = event(a.client, 'close')
      await first.kill()
      await down
      const open = event(a.client, 'open', undefined, 20_000)
      const second = await launch({ env: { PORT: String(first.port) } }).listening()
      try {
        await open
        assert.equal((await ask(a, 'roomAdd', 'defaultRoom')).status, 'OK')
        a.disconnect()
      } finally {
        await second.stop()
      }
    })
  })
}
