// Several troubles at once, by chance, while people talk, come and go. Whatever happened, afterwards every
// node tells the same truth: who is there is listed once, and what is said is heard once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ROUNDS, answer, crowd, done, roomNames, untilRoom, useCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { until } from '../lib/wait.mjs'

const LEASE = 1_000
const NODES = 3
const CROWD = 8
const cluster = useCluster(NODES, { proxied: true, lease: LEASE, timeout: 300, calls: 500 })

/** The people of each node. Those of a node that was killed are others than before. */
let people = []

/** Troubles of one node, or of all. Each begins at once and returns its cure. */
const TROUBLES = {
  async killed (n) {
    await cluster.nodes[n].kill()
    return async () => { people[n] = await crowd(await cluster.replace(n), CROWD, 'lobby') }
  },
  async asleep (n) {
    await cluster.nodes[n].freeze()
    return () => cluster.nodes[n].thaw()
  },
  async refused (n) {
    await cluster.proxies[n].refuse()
    return () => cluster.proxies[n].accept()
  },
  async held (n, chance) {
    cluster.proxies[n].hold()
    const cut = chance.below(2)
    return () => {
      cluster.proxies[n].release()
      if (cut) cluster.proxies[n].cut()
    }
  },
  async slow (n, chance) {
    cluster.proxies[n].slow(50 + chance.below(200))
    return () => cluster.proxies[n].slow(0)
  },
  async 'redis away' () {
    await cluster.redis.kill()
    return () => cluster.redis.begin()
  },
  async 'redis anew' () {
    await cluster.redis.restart()
    return () => {}
  },
  async 'redis emptied' () {
    await cluster.redis.ask('FLUSHALL').catch(() => {})
    return () => {}
  },
  async 'redis cuts' () {
    await cluster.redis.cutClients().catch(() => {})
    return () => {}
  },
  async 'redis takes no writes' () {
    await cluster.redis.set('min-replicas-to-write', 1).catch(() => {})
    return () => cluster.redis.set('min-replicas-to-write', 0).catch(() => {})
  }
}

/** Some troubles that can be had together: one of Redis, and one for each of some nodes. */
function plan (chance) {
  const names = Object.keys(TROUBLES)
  const [ofRedis, ofNodes] = [names.filter(name => name.startsWith('redis')), names.filter(name => !name.startsWith('redis'))]
  const some = chance.below(2) ? [[chance.of(ofRedis), 0]] : []
  for (let n = 0; n < NODES; n++) {
    if (chance.below(2)) some.push([chance.of(ofNodes), n])
  }
  return some
}

/** Somebody on each node says something, joins and leaves, whether that works or not. */
function stir (chance, tick) {
  for (const [n, crowd] of people.entries()) {
    crowd[0].send({ event: 'say', room: 'lobby', message: `${n} ${tick}`, messageId: 'say' })
    const [restless, event] = [crowd[1 + chance.below(3)], chance.of(['roomAdd', 'roomLeave'])]
    restless.send({ event, room: 'lobby', messageId: 'stir' })
  }
}

/** Everybody who says themselves that they are in the room. */
async function truly () {
  const asked = people.flat().map(async one => {
    assert.ok(!one.gone, 'nobody of a living node was disconnected')
    const { data } = await answer(one, { event: 'detailsView' })
    return data.rooms.includes('lobby') ? one : null
  })
  return (await Promise.all(asked)).filter(Boolean)
}

/** Every node lists exactly those who are there. */
async function untilTrue () {
  const members = await truly()
  const wanted = members.map(({ id }) => id).sort()
  for (const [n, crowd] of people.entries()) {
    let seen
    const witness = crowd.at(-1)
    await until(`node ${n} lists who is there`, async () => {
      const { data, error } = await answer(witness, { event: 'roomView', room: 'lobby' })
      if (error) return false
      seen = Object.keys(data.members).sort()
      assert.equal(data.membersCount, seen.length)
      return JSON.stringify(seen) === JSON.stringify(wanted)
    }, 5_000, () => {
      const [ghosts, lost] = [seen?.filter(id => !wanted.includes(id)), wanted.filter(id => !seen?.includes(id))]
      return `listed and not there: ${ghosts}; there and not listed: ${lost}`
    })
  }
  return members
}

/** What is said on any node is heard once by all members. */
async function untilHeard (members, text) {
  const copies = one => one.texts.filter(frame => frame.includes(text) && JSON.parse(frame).message?.startsWith(text))
  for (const [n, crowd] of people.entries()) {
    crowd.at(-1).send({ event: 'say', room: 'lobby', message: `${text} from ${n}`, messageId: 'end' })
  }
  await until('all have heard all', () => members.every(one => copies(one).length >= NODES))
  assert.ok(members.every(one => copies(one).length === NODES), 'once')
}

/** Every node knows the same rooms. After a loss they are told within two looks at the list. */
async function untilSameRooms () {
  let known = []
  await until('all know the same rooms', async () => {
    known = await Promise.all(cluster.nodes.map(async node => (await roomNames(node)).join()))
    return new Set(known).size === 1
  }, 2_000, () => JSON.stringify(known))
}

/** Nobody has heard anything twice or in the wrong order. */
function inOrder () {
  for (const one of people.flat()) {
    const said = one.texts.map(frame => JSON.parse(frame)).filter(({ room }) => room === 'lobby').map(({ message }) => message)
    for (let n = 0; n < NODES; n++) {
      const ticks = said.filter(text => text.startsWith(`${n} `)).map(text => Number(text.split(' ')[1]))
      assert.deepEqual(ticks, [...new Set(ticks)].sort((a, b) => a - b))
    }
    one.texts.length = 0
  }
}

test(`${ROUNDS} rounds of several troubles at once`, async t => {
  const chance = dice(t)
  people = await Promise.all(cluster.nodes.map(node => crowd(node, CROWD, 'lobby')))
  let tick = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const troubles = plan(chance)
    try {
      const cures = []
      for (const [name, n] of troubles) cures.push(await TROUBLES[name](n, chance))
      const end = Date.now() + chance.below(2 * LEASE)
      do {
        stir(chance, ++tick)
        await pause(20)
      } while (Date.now() < end)
      for (const cure of cures) await cure()
      await cluster.untilWell(15_000)
      inOrder()
      await untilHeard(await untilTrue(), `round ${round}`)
      await untilSameRooms()
      await done(cluster.nodes[round % NODES], 'addRoom', { name: `made in round ${round}` })
      for (const node of cluster.nodes) await untilRoom(node, `made in round ${round}`)
      if (round > 5) await done(cluster.nodes[chance.below(NODES)], 'removeRoom', { name: `made in round ${round - 5}` })
    } catch (error) {
      const had = troubles.map(([name, n]) => `${name} ${n}`).join(', ')
      throw new Error(`round ${round}, ${had}: ${error.message}`, { cause: error })
    }
  }
})
