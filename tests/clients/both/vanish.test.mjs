// A server that vanishes in every phase of connecting. When it is back, the client is connected without being asked
// again: ActionHero's client as long as the websocket was never open, ours whatever happened.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere, promised } from '../lib/both.mjs'
import { useDemo } from '../lib/demo.mjs'
import { HOST } from '../lib/host.mjs'
import { PHASES, Phantom, neverAccepting } from '../lib/phantom.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()

/**
 * Short, so that a server that does not open is given up within a test. But not when it is about to open, as ActionHero's
 * client loses it then, for good: a browser holds a websocket back for half a second after others have failed, and who
 * was not accepted is asked for again after one.
 */
const HASTY = { timeout: 1_500, reconnect: { min: 30, max: 150, retries: 1_000, 'reconnect timeout': 1_500 } }

/** The same of one that is silent afterwards, and a server that pings often enough for it: for those who meet such a one. */
const pinging = useDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: '400' })
const PINGED = { ...HASTY, pingTimeout: 900 }

everywhere(use => {
  for (const { name, manner, open } of PHASES) {
    if (open && !use.keeps.persists) continue
    test(`a server that ${name}`, async () => {
      const phantom = await Phantom.before(open ? pinging : demo, manner)
      try {
        const a = await use().make(phantom.url, open ? PINGED : HASTY, ['otherRoom'])
        await a.connect()
        await until('it has tried three times', () => phantom.met >= 3, 15_000)
        assert.deepEqual((await a.look()).connects, [], 'nobody said that it was connected')
        phantom.passOn()
        const details = await a.isConnected()
        assert.deepEqual(details.data.rooms, ['otherRoom'])
        assert.equal((await a.ask('say', 'otherRoom', 'at last')).status, 'OK')
        const { state, rooms, id } = await a.look()
        assert.deepEqual([state, rooms, id], ['connected', ['otherRoom'], details.data.id])
      } finally {
        await use().closeClients()
        phantom.close()
      }
    })
  }

  promised(use, 'rejoins', 'a server that vanishes in every phase of coming back', async () => {
    const phantom = await Phantom.before(pinging)
    try {
      phantom.passOn()
      const a = await use().connect(phantom.url, PINGED)
      await a.ask('roomAdd', 'otherRoom')
      for (const { manner, name } of PHASES) {
        const { met } = phantom
        Object.assign(phantom, { manner, passing: false })
        phantom.cut()
        await until(`it has met one who ${name}`, () => phantom.met >= met + 2, 15_000)
        phantom.passOn()
        assert.deepEqual((await a.isBack()).data.rooms, ['otherRoom'], name)
      }
      assert.equal((await a.told('connected')).length, 1)
    } finally {
      await use().closeClients()
      phantom.close()
    }
  })

  test('a server that never accepts', async () => {
    const never = await neverAccepting()
    const proxy = await Proxy.before(demo)
    proxy.server.close()
    try {
      const a = await use().make(never.url, HASTY)
      await a.connect()
      await a.event('timeout')
      await never.close()
      proxy.server.listen(never.port, HOST)
      await a.isConnected(15_000)
      assert.equal((await a.ask('detailsView')).status, 'OK')
    } finally {
      await use().closeClients()
      proxy.close()
    }
  })

  // Primus 8 goes on if it is told to end in the middle of an attempt.
  promised(use, 'rejoins', 'disconnect while it tries ends the trying', async () => {
    const phantom = await Phantom.before(demo, PHASES[1].manner)
    try {
      const a = await use().make(phantom.url, HASTY)
      await a.connect()
      await until('it has tried three times', () => phantom.met >= 3, 15_000)
      await a.tell('disconnect')
      const told = (await a.told('reconnect')).length
      phantom.passOn()
      // Longer than the longest pause between two attempts and the longest attempt.
      await new Promise(resolve => setTimeout(resolve, 1_800))
      assert.equal(phantom.sockets.size, 0, 'nobody is there')
      assert.equal((await a.look()).state, 'disconnected')
      assert.deepEqual(await a.told('connected'), [])
      assert.equal((await a.told('reconnect')).length, told, 'no attempt is told any more')
    } finally {
      phantom.close()
    }
  })
}, { main: true, abreast: 3 })
