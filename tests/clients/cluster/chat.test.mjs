// Two nodes are one chat: who hears what, in which order, and how often.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, record } from '../lib/client.mjs'
import { act, done, member, ok, useCluster } from '../lib/cluster.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(3)
const freshRoom = () => cluster.freshRoom()

/** A member on each node. */
function oneEach (room) {
  return Promise.all(cluster.nodes.map(node => member(node, room)))
}

function texts (seen) {
  return seen.map(([, { message }]) => message)
}

for (const primus of PRIMUS) {
  test(`with the client of Primus ${primus}: both hear both, and know who spoke`, async () => {
    const [a, b] = await Promise.all([0, 1].map(n => connect(cluster.nodes[n].url, { primus })))
    const room = await freshRoom()
    for (const client of [a, b]) ok(await ask(client, 'roomAdd', room))
    const [atA, atB] = [record(a, 'say'), record(b, 'say')]
    ok(await ask(a, 'say', room, 'hello'))
    await until('b hears a', () => atB.length === 1)
    ok(await ask(b, 'say', room, 'hello yourself'))
    await until('a hears b', () => atA.length === 2 && atB.length === 2)
    assert.deepEqual(texts(atA), ['hello', 'hello yourself'])
    assert.deepEqual(atA, atB, 'both hear the same, times included')
    assert.deepEqual(atA.map(([, { from }]) => from), [a.id, b.id])
    for (const [, said] of atA) assert.deepEqual([said.room, said.context], [room, 'user'])
  })
}

describe('order', () => {
  test('each speaker is heard in the order in which they spoke, on every node, and once', async () => {
    const room = await freshRoom()
    const clients = [...await oneEach(room), ...await oneEach(room)]
    const heard = clients.map(client => record(client, 'say'))
    await Promise.all(clients.flatMap((client, who) =>
      Array.from({ length: 100 }, async (_, n) => ok(await ask(client, 'say', room, `${who}:${n}`)))))
    await until('everybody has heard all', () => heard.every(list => list.length >= 600), 10_000)
    for (const list of heard) {
      for (let who = 0; who < clients.length; who++) {
        const own = texts(list).filter(text => text.startsWith(`${who}:`))
        assert.deepEqual(own, Array.from({ length: 100 }, (_, n) => `${who}:${n}`))
      }
    }
  })

  test('nobody hears an answer before its question', async () => {
    const room = await freshRoom()
    const [a, b, ...others] = [...await oneEach(room), ...await oneEach(room)]
    const heard = [a, b, ...others].map(client => record(client, 'say'))
    b.on('say', ({ message }) => {
      if (message.startsWith('question')) b.say(room, message.replace('question', 'answer'))
    })
    a.on('say', ({ message }) => {
      const [what, n] = message.split(' ')
      if (what === 'answer' && n < 50) a.say(room, `question ${Number(n) + 1}`)
    })
    ok(await ask(a, 'say', room, 'question 1'))
    const all = Array.from({ length: 50 }, (_, n) => [`question ${n + 1}`, `answer ${n + 1}`]).flat()
    await until('the talk is over', () => heard.every(list => list.length === 100), 10_000)
    for (const list of heard) assert.deepEqual(texts(list), all)
  })

  test('those of one node hear all that is said in one order', async () => {
    const room = await freshRoom()
    const speakers = await oneEach(room)
    const listeners = await Promise.all([1, 2, 3].map(() => member(cluster.nodes[1], room)))
    const heard = listeners.map(client => record(client, 'say'))
    await Promise.all(speakers.flatMap((client, who) =>
      Array.from({ length: 50 }, (_, n) => ask(client, 'say', room, `${who}:${n}`))))
    await until('all have heard all', () => heard.every(list => list.length === 150))
    for (const list of heard) assert.deepEqual(texts(list), texts(heard[0]))
  })
})

test('what server code says reaches everybody on every node, once', async () => {
  const room = await freshRoom()
  const clients = [...await oneEach(room), ...await oneEach(room)]
  const outsider = await connect(cluster.nodes[1].url)
  const heard = clients.map(client => record(client, 'say'))
  const overheard = record(outsider, 'say')
  for (const [n, node] of cluster.nodes.entries()) await done(node, 'announce', { room, message: { from: n } })
  await done(cluster.nodes[2], 'announce', { room, message: 'end' })
  await until('the end is heard', () => heard.every(list => texts(list).includes('end')))
  for (const list of heard) {
    const said = texts(list).map(message => JSON.stringify(message)).sort()
    assert.deepEqual(said, ['"end"', '{"from":0}', '{"from":1}', '{"from":2}'])
    assert.ok(list.every(([, { from }]) => from === '0'), 'the server speaks as "0"')
  }
  assert.deepEqual(overheard, [])
})

test('server code may speak on a node where nobody is in the room', async () => {
  const room = await freshRoom()
  const listener = await member(cluster.nodes[1], room)
  const heard = record(listener, 'say')
  await done(cluster.nodes[0], 'announce', { room, message: 'from afar' })
  await until('it is heard', () => heard.length > 0)
  assert.deepEqual(texts(heard), ['from afar'])
})

test('who has left, or went to another room, hears nothing more', async () => {
  const [left, right] = [await freshRoom(), await freshRoom()]
  const [a, b, c] = await oneEach(left)
  ok(await ask(b, 'roomAdd', right))
  ok(await ask(b, 'roomLeave', left))
  const [atB, atC] = [record(b, 'say'), record(c, 'say')]
  ok(await ask(a, 'say', left, 'only left'))
  await act(a, 'announce', { room: right, message: 'only right' })
  await until('both are heard', () => atB.length > 0 && atC.length > 0)
  assert.deepEqual([texts(atB), texts(atC)], [['only right'], ['only left']])
  ok(await ask(b, 'roomAdd', left))
  ok(await ask(a, 'say', left, 'again'))
  await until('who came back hears', () => atB.length === 2)
  assert.deepEqual(texts(atB), ['only right', 'again'])
})

test('names and messages may hold any text of any length', async () => {
  const name = 'Räume 漢字 😀 {*}[a] \r\n \u0000'
  await cluster.addRoom(name)
  const [a, b] = [await member(cluster.nodes[0], name), await member(cluster.nodes[1], name)]
  const seen = record(b, 'say')
  const all = ['é漢😀', '\r\n', '\u0000', 'line\u2028separator', '"\\', ' ', 'x'.repeat(1_000_000), 'end']
  for (const text of all) ok(await ask(a, 'say', name, text))
  await until('all are heard', () => seen.length === all.length)
  assert.deepEqual(texts(seen), all)
  assert.equal(seen[0][1].room, name)
})
