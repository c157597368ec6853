// One node loses Redis, the others do not. For them it is gone with its lease; for itself it is alone, and
// what it can do alone it does. When it is back nobody has to do anything.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ask } from '../lib/client.mjs'
import { call, ok, problems, troubles, untilMembers, untilTrouble, useCluster } from '../lib/cluster.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

const LEASE = 1_500
const cluster = useCluster(2, { proxied: true, lease: LEASE, timeout: 500, calls: 1_000 })
let scene

before(async () => {
  await cluster.ready
  scene = await Scene.on(cluster)
})

/** The ways of losing it, each with its way back. */
const WAYS = {
  'it is refused': [proxy => proxy.refuse(), proxy => proxy.accept()],
  'it hears nothing more': [proxy => proxy.hold(), proxy => { proxy.release(); proxy.cut() }]
}

for (const [way, [leave, back]] of Object.entries(WAYS)) {
  for (const lost of [0, 1]) {
    describe(`node ${lost}: ${way}`, () => {
      test('the others go on without it, and it goes on without them', async () => {
        const [node, other] = [cluster.nodes[lost], cluster.nodes[1 - lost]]
        const [alone, together] = [scene.people[lost], scene.people[1 - lost]]
        await leave(cluster.proxies[lost])
        try {
          await untilTrouble(node, /redis/i)
          await untilMembers(together, 'lobby', together, LEASE + 1_000)
          assert.deepEqual(await troubles(other), [], 'the other is well')

          // Among the others everything works.
          for (const one of together) await scene.say(one, 'lobby', together)
          await scene.goesOn()
          // The node itself refuses what others could miss.
          await until('it knows that it is alone', async () =>
            /^engine_away/.test((await call(node, 'keep', { key: 'k', value: 1 })).json.error))
          const said = 'refused where it is lost'
          assert.match((await ask(alone[0], 'say', 'lobby', said)).error, /try again/)
          assert.match((await ask(alone[0], 'roomView', 'lobby')).error, /try again/)
          for (const one of [...alone, ...together]) assert.equal(scene.copies(one, said), 0)

          // Nobody waits long for somebody who can not be reached.
          const started = performance.now()
          const { status, json } = await call(other, 'detailsOf', { id: alone[0].id })
          assert.ok([404, 503, 504].includes(status), JSON.stringify(json))
          assert.ok(performance.now() - started < 2_000)
        } finally {
          await back(cluster.proxies[lost])
        }
        await scene.heals()
        assert.match((await problems(node)).join(), /may have missed/, 'a gap is told')
      })
    })
  }
}

test('who leaves while their node is lost is not listed when it is back', async () => {
  const [[stays, leaves], others] = scene.people
  await cluster.proxies[0].refuse()
  try {
    await untilTrouble(cluster.nodes[0], /redis/i)
    ok(await ask(leaves, 'roomLeave', 'lobby'))
    assert.deepEqual(ok(await ask(leaves, 'detailsView')).data.rooms, ['attic'])
  } finally {
    await cluster.proxies[0].accept()
  }
  await untilMembers([stays, ...others], 'lobby', [stays, ...others])
  ok(await ask(leaves, 'roomAdd', 'lobby'))
  await scene.heals()
})
