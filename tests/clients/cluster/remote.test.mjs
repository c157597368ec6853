// What one node may do with a connection of another: by its id, from any action.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, connect, record } from '../lib/client.mjs'
import { call, done, member, membersOf, ok, untilMembers, useCluster } from '../lib/cluster.mjs'
import { event, until } from '../lib/wait.mjs'

const LEASE = 1_500
const cluster = useCluster(2, { lease: LEASE, calls: 2_000 })
const QUICKLY = 1_000

/** What an action is refused with: status, and the code that its text begins with. */
async function refusal (node, action, params) {
  const started = performance.now()
  const { status, json } = await call(node, action, params)
  const took = performance.now() - started
  assert.notEqual(status, 200, JSON.stringify(json))
  const text = typeof json.error === 'string' ? json.error : JSON.stringify(json.error)
  return { status, code: text.split(':')[0].replace(/^Error\b\W*/, ''), text, took }
}

for (const [from, to] of [[0, 1], [1, 0], [0, 0]]) {
  const where = from === to ? 'of the same node' : `of node ${to} from node ${from}`
  const nodes = () => [cluster.nodes[from], cluster.nodes[to]]

  test(`a message to a connection ${where}`, async () => {
    const [here, there] = nodes()
    const [target, bystander] = [await connect(there.url), await connect(there.url)]
    const [heard, overheard] = [record(target, 'api', 'alert'), record(bystander, 'api', 'alert')]
    for (let n = 0; n < 20; n++) await done(here, 'sendTo', { id: target.id, message: { n, text: 'é漢😀' } })
    await until('all have come', () => heard.length === 20)
    assert.deepEqual(heard.map(([, { n, text }]) => [n, text]), Array.from({ length: 20 }, (_, n) => [n, 'é漢😀']))
    const alert = event(target, 'alert')
    await done(here, 'sendTo', { id: target.id, message: { context: 'alert', message: 'mind the gap' } })
    assert.deepEqual(await alert, { context: 'alert', message: 'mind the gap' })
    assert.deepEqual(overheard, [])
  })

  test(`join and leave for a connection ${where}`, async () => {
    const [here, there] = nodes()
    const room = await cluster.freshRoom()
    const [target, watcher] = [await connect(there.url), await member(here, room)]
    await done(here, 'joinTo', { id: target.id, room })
    await untilMembers([watcher, target], room, [watcher, target], QUICKLY)
    const heard = event(target, 'say')
    ok(await ask(watcher, 'say', room, 'welcome'))
    assert.equal((await heard).message, 'welcome')
    assert.equal((await refusal(here, 'joinTo', { id: target.id, room })).code, 'already_in_room')
    assert.equal((await refusal(here, 'joinTo', { id: target.id, room: 'nowhere' })).code, 'no_such_room')

    await done(here, 'leaveFrom', { id: target.id, room })
    assert.deepEqual(await membersOf(watcher, room), [watcher.id])
    assert.deepEqual(ok(await ask(target, 'detailsView')).data.rooms, [])
    assert.equal((await refusal(here, 'leaveFrom', { id: target.id, room })).code, 'not_in_room')
  })

  test(`details of a connection ${where}`, async () => {
    const [here, there] = nodes()
    const target = await member(there, 'lobby')
    const { details } = await done(here, 'detailsOf', { id: target.id })
    const own = ok(await ask(target, 'detailsView')).data
    for (const key of ['id', 'fingerprint', 'remoteIP', 'remotePort', 'connectedAt', 'rooms', 'params']) {
      assert.deepEqual(details[key], own[key], key)
    }
    assert.deepEqual(details.rooms, ['lobby'])
  })

  test(`the end of a connection ${where}`, async () => {
    const [here, there] = nodes()
    const room = await cluster.freshRoom()
    const [target, watcher] = [await connect(there.url), await member(here, room)]
    ok(await ask(target, 'roomAdd', room))
    let again = 0
    target.client.on('reconnect scheduled', () => { again += 1 })
    const ended = event(target.client, 'end')
    await done(here, 'destroyIt', { id: target.id })
    await ended
    assert.equal(again, 0, 'it shall not come back')
    await untilMembers([watcher], room, [watcher], QUICKLY)
    const { status, code, took } = await refusal(here, 'sendTo', { id: target.id, message: {} })
    assert.deepEqual([status, code], [404, 'no_such_connection'])
    assert.ok(took < QUICKLY, `${took} ms`)
  })
}

test('many calls at once from both nodes to both', async () => {
  const clients = await Promise.all(Array.from({ length: 10 }, (_, n) => connect(cluster.nodes[n % 2].url)))
  await Promise.all(clients.flatMap(target => cluster.nodes.map(async node => {
    for (let n = 0; n < 10; n++) {
      const { details } = await done(node, 'detailsOf', { id: target.id })
      assert.equal(details.id, target.id, 'an answer finds its question')
    }
  })))
})

test('ids of nobody are answered quickly', async () => {
  const [here, there] = cluster.nodes
  const alive = await connect(there.url)
  const ids = [
    `${alive.id.slice(0, -4)}0000`, '00000000-0000-4000-8000-000000000000', 'nobody', '', 'a'.repeat(10_000),
    '漢字漢字漢字漢字', '*', `${alive.id} `, alive.id.slice(0, 13)
  ].filter(id => id !== alive.id)
  const calls = [['sendTo', { message: {} }], ['joinTo', { room: 'lobby' }], ['leaveFrom', { room: 'lobby' }], ['destroyIt', {}], ['detailsOf', {}]]
  for (const id of ids) {
    for (const [action, params] of calls) {
      const { code, took, text } = await refusal(here, action, { id, ...params })
      assert.equal(code, id === '' ? 'missing_param' : 'no_such_connection', `${action} of ${id.slice(0, 40)}: ${text}`)
      assert.ok(took < QUICKLY, `${action} of ${id.slice(0, 40)} took ${took} ms`)
    }
  }
  assert.equal((await done(here, 'detailsOf', { id: alive.id })).details.id, alive.id)
})

test('a connection of a node that was killed is none, and one that does not answer is a timeout', async () => {
  const [here, there] = cluster.nodes
  const target = await connect(there.url)
  await there.freeze()
  try {
    const silent = await refusal(here, 'detailsOf', { id: target.id })
    assert.deepEqual([silent.status, silent.code], [504, 'outcome_unknown'], silent.text)
    assert.ok(silent.took < 4_000, `${silent.took} ms`)
  } finally {
    there.thaw()
  }
  await until('it answers again', async () => (await call(here, 'detailsOf', { id: target.id })).status === 200)

  target.client.end()
  await there.kill()
  // While its lease lasts it might come back; quickly answered it is all the same.
  await until('it is none', async () => {
    const dead = await refusal(here, 'detailsOf', { id: target.id })
    assert.ok(['no_such_connection', 'engine_away', 'outcome_unknown'].includes(dead.code), dead.text)
    return dead.code === 'no_such_connection'
  }, LEASE + 1_000)
  await cluster.replace(1)
  const back = await connect(cluster.nodes[1].url)
  assert.equal((await done(here, 'detailsOf', { id: back.id })).details.id, back.id)
})
