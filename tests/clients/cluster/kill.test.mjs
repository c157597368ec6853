// Nodes die by kill -9 and are started anew, again and again. Their members are gone within the lease, the
// members of the others never are, and nothing is left behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ROUNDS, answer, crowd, useCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { until } from '../lib/wait.mjs'

const LEASE = 1_500
/** What a busy machine may add to it. */
const SLACK = 700
const MEMBERS = 100

const cluster = useCluster(3, { lease: LEASE })

/** What a member sees of the room: sorted ids. */
async function view (raw) {
  const { data } = await answer(raw, { event: 'roomView', room: 'lobby' })
  const ids = Object.keys(data.members).sort()
  assert.equal(data.membersCount, ids.length, 'nobody is counted or listed twice')
  return ids
}

function ids (raws) {
  return raws.map(({ id }) => id).sort()
}

/** The members of all nodes but one. */
function others (members, n) {
  return members.filter((_, at) => at !== n)
}

/** Waits until a living member of each node sees exactly the living, and returns how long it took. */
async function untilOnly (living, since, ms) {
  const wanted = ids(living.flat())
  for (const [witness] of living) {
    await until('only the living are members', async () => {
      const seen = await view(witness)
      const missing = wanted.filter(id => !seen.includes(id))
      assert.deepEqual(missing, [], 'who lives is a member all the time')
      return seen.length === wanted.length
    }, Math.max(0, since + ms - performance.now()))
  }
  return performance.now() - since
}

/** One member says something, and everybody hears it once. */
async function untilHeard (members, text) {
  const all = members.flat()
  for (const one of all) one.texts.length = 0
  all[0].send({ event: 'say', room: 'lobby', message: text, messageId: text })
  const copies = one => one.texts.filter(frame => JSON.parse(frame).message === text).length
  await until('all have heard it', () => all.every(one => copies(one) > 0))
  assert.ok(all.every(one => copies(one) === 1), 'once')
}

/** Ways to die. Each ends with a node that is dead, and says when it died. */
const DEATHS = {
  async 'in the midst of quiet' (n, members, chance) {
    await pause(chance.below(LEASE / 3))
    return kill(n)
  },
  async 'while some join and some leave' (n, members, chance) {
    const joining = crowd(cluster.nodes[n], 10, 'lobby').catch(() => {})
    for (const one of members[n].slice(0, 5)) one.send({ event: 'roomLeave', room: 'lobby', messageId: 'leave' })
    await pause(chance.below(20))
    const died = await kill(n)
    await joining
    return died
  },
  async 'twice within one lease' (n, members, chance) {
    await kill(n)
    await cluster.replace(n)
    await crowd(cluster.nodes[n], 10, 'lobby')
    await pause(chance.below(50))
    return kill(n)
  }
}

async function kill (n) {
  await cluster.nodes[n].kill()
  return performance.now()
}

test(`${ROUNDS} rounds: the dead are gone within the lease, the living never`, async t => {
  const chance = dice(t)
  const share = n => Math.floor(MEMBERS / 3) + (n === 0 ? MEMBERS % 3 : 0)
  const members = await Promise.all([0, 1, 2].map(n => crowd(cluster.nodes[n], share(n), 'lobby')))
  let [worst, keysAtFirst] = [0, 0]
  for (let round = 1; round <= ROUNDS; round++) {
    const n = chance.below(3)
    const death = chance.of(Object.keys(DEATHS))
    try {
      const died = await DEATHS[death](n, members, chance)
      worst = Math.max(worst, await untilOnly(others(members, n), died, LEASE + SLACK))
      members[n] = await crowd(await cluster.replace(n), share(n), 'lobby')
      await untilOnly(members, performance.now(), LEASE)
      assert.equal((await view(members[n][0])).length, MEMBERS)
      await untilHeard(members, `round ${round}`)
    } catch (error) {
      error.message = `round ${round}, node ${n} dies ${death}: ${error.message}`
      throw error
    }
    keysAtFirst ||= await cluster.redis.ask('DBSIZE')
  }
  t.diagnostic(`the dead were gone after at most ${Math.round(worst)} ms; the lease is ${LEASE} ms`)
  await until('nothing of the dead is left in Redis', async () =>
    await cluster.redis.ask('DBSIZE') <= keysAtFirst, 10 * LEASE)
})
