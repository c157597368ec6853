// A laptop that sleeps, a tab that is frozen, a clock that jumps. The server goes on and gives up who is silent; the
// client, when it wakes, finds out by itself and is back in its rooms.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { whereOneSleeps } from '../lib/both.mjs'
import { ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until } from '../lib/wait.mjs'

const INTERVAL = 500
const OPTIONS = { pingTimeout: 3 * INTERVAL, timeout: 1_000 }
const demo = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: String(INTERVAL) })

whereOneSleeps(use => {
  /** Sleeps until the server has given it up, as `witness` sees from the room. */
  async function sleepsThrough (a, witness) {
    const { id } = await a.look()
    await use().sleep()
    await until('the server has given it up', async () => !(await ask(witness, 'roomView', 'otherRoom')).data.members[id], 20 * INTERVAL)
    await use().wake()
    return id
  }

  test('who slept through several heartbeats is back, and in its rooms', async () => {
    const witness = await connect(demo.url)
    await ask(witness, 'roomAdd', 'otherRoom')
    const a = await use().connect(demo.url, OPTIONS)
    await a.ask('roomAdd', 'otherRoom')
    const id = await sleepsThrough(a, witness)
    const { data } = await a.isBack()
    assert.notEqual(data.id, id, 'it is another connection than the one that the server gave up')
    await a.event('reconnect')
    if (use.keeps.rejoins) assert.deepEqual((await a.isBack()).data.rooms, ['otherRoom'])
    const { members } = (await ask(witness, 'roomView', 'otherRoom')).data
    assert.deepEqual([id in members, data.id in members], [false, use.keeps.rejoins])
    witness.disconnect()
  })

  test('three times in a row, and each time it is back', async () => {
    const witness = await connect(demo.url)
    await ask(witness, 'roomAdd', 'otherRoom')
    const a = await use().connect(demo.url, OPTIONS)
    for (let n = 0; n < 3; n++) {
      await a.ask('roomAdd', 'otherRoom')
      await sleepsThrough(a, witness)
      await a.isBack()
    }
    assert.equal((await a.ask('detailsView')).status, 'OK')
    witness.disconnect()
  })

  test('who slept while the server vanished comes back when it does', async () => {
    const proxy = await Proxy.before(demo)
    try {
      const a = await use().connect(proxy.url, OPTIONS)
      await a.ask('roomAdd', 'otherRoom')
      await use().sleep()
      proxy.hold()
      await pause(4 * INTERVAL)
      await proxy.refuse()
      await use().wake()
      await a.event('disconnected')
      proxy.release()
      await proxy.accept()
      const { data } = await a.isBack()
      if (use.keeps.rejoins) assert.deepEqual(data.rooms, ['otherRoom'])
    } finally {
      await use().closeClients()
      proxy.close()
    }
  })

  test('a short sleep is no loss', async () => {
    const a = await use().connect(demo.url, { pingTimeout: 20 * INTERVAL })
    const { id } = await a.look()
    await use().sleep()
    await pause(INTERVAL / 4)
    await use().wake()
    assert.equal((await a.isBack()).data.id, id)
    assert.deepEqual(await a.told('disconnected'), [])
  })

  for (const [name, ms] of [['an hour forward', 3_600_000], ['an hour back', -3_600_000]]) {
    test(`a clock that jumps ${name}`, async () => {
      const a = await use().connect(demo.url, { pingTimeout: 6 * INTERVAL })
      const { id } = await a.look()
      await use().call('jump', ms)
      // Pings go on coming meanwhile; a clock is no reason to believe that they don't.
      await pause(8 * INTERVAL)
      assert.equal((await a.isBack()).data.id, id)
      assert.deepEqual(await a.told('disconnected', 'error'), [])
    })
  }
})
