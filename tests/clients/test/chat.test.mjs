// Two clients talk: who hears what, in which order, and what a message looks like.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, record, send } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { event, until } from '../lib/wait.mjs'

const demo = useDemo()
let rooms = 0

async function freshRoom (client) {
  const name = `room ${++rooms} of ${process.pid}`
  assert.equal((await ask(client, 'action', 'createChatRoom', { name })).didCreate, true)
  return name
}

function texts (seen) {
  return seen.map(([, { message }]) => message)
}

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('both hear both, and know who spoke', async () => {
      const a = await connect(demo.url, { primus })
      const b = await connect(demo.url, { primus: 8 })
      const room = await freshRoom(a)
      await ask(a, 'roomAdd', room)
      await ask(b, 'roomAdd', room)
      const [atA, atB] = [record(a, 'say'), record(b, 'say')]
      await ask(a, 'say', room, 'hello')
      await until('b hears a', () => atB.length === 1)
      await ask(b, 'say', room, 'hello yourself')
      await until('a hears b', () => atA.length === 2 && atB.length === 2)
      assert.deepEqual(texts(atA), ['hello', 'hello yourself'])
      assert.deepEqual(atA, atB, 'both hear the same')
      assert.deepEqual(atA.map(([, { from }]) => from), [a.id, b.id])
      for (const [, { room: of, context, sentAt }] of atA) {
        assert.deepEqual([of, context], [room, 'user'])
        assert.ok(Math.abs(Date.now() - sentAt) < 60_000)
      }
    })
  })
}

test('a hundred messages arrive in the order in which each speaker said them', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => connect(demo.url)))
  const room = await freshRoom(clients[0])
  for (const client of clients) await ask(client, 'roomAdd', room)
  const heard = clients.map(client => record(client, 'say'))
  await Promise.all(clients.flatMap((client, who) =>
    Array.from({ length: 100 }, (_, n) => ask(client, 'say', room, `${who}:${n}`))))
  await until('everybody has heard all', () => heard.every(list => list.length === 300))
  for (const list of heard) {
    for (const who of [0, 1, 2]) {
      const own = texts(list).filter(text => text.startsWith(`${who}:`))
      assert.deepEqual(own, Array.from({ length: 100 }, (_, n) => `${who}:${n}`))
    }
  }
})

test('who has left hears nothing more and may not speak', async () => {
  const [a, b] = await Promise.all([connect(demo.url), connect(demo.url)])
  const room = await freshRoom(a)
  await ask(a, 'roomAdd', room)
  await ask(b, 'roomAdd', room)
  await ask(a, 'roomLeave', room)
  const atA = record(a, 'say')
  const heard = event(b, 'say')
  await ask(b, 'say', room, 'b only')
  await heard
  await ask(a, 'detailsView')
  assert.deepEqual(atA, [])
  assert.equal((await ask(a, 'say', room, 'x')).error, `Error: connection not in this room (${room})`)
  assert.equal((await ask(b, 'roomView', room)).data.membersCount, 1)
})

test('rooms do not hear each other', async () => {
  const [a, b] = await Promise.all([connect(demo.url), connect(demo.url)])
  await ask(a, 'roomAdd', 'defaultRoom')
  await ask(b, 'roomAdd', 'otherRoom')
  const atB = record(b, 'say')
  await ask(a, 'say', 'defaultRoom', 'not for otherRoom')
  await ask(b, 'say', 'otherRoom', 'for otherRoom')
  await until('b hears itself', () => atB.length > 0)
  assert.deepEqual(texts(atB), ['for otherRoom'])
})

test('names and messages may hold any text', async () => {
  const a = await connect(demo.url)
  const name = `Räume 漢字 😀 ${process.pid}`
  await ask(a, 'action', 'createChatRoom', { name })
  await ask(a, 'roomAdd', name)
  const seen = record(a, 'say')
  const all = ['é', '漢字', '😀', 'line\u2028separator\u2029', 'quote " and \\ back', '\u0000', 'primus::server::close', ' ', '<b>']
  for (const text of all) await ask(a, 'say', name, text)
  await until('all are heard', () => seen.length === all.length)
  assert.deepEqual(texts(seen), all)
  assert.equal(seen[0][1].room, name)
})

test('what is no text becomes one', async () => {
  const a = await connect(demo.url)
  const room = await freshRoom(a)
  await ask(a, 'roomAdd', room)
  const seen = record(a, 'say')
  const pairs = [[5, '5'], [0, '0'], [true, 'true'], [1.5, '1.5'], [['x', 'y'], 'x,y'], [[1, [2, null]], '1,2,'], [{ a: 1 }, '[object Object]']]
  for (const [message] of pairs) await ask(a, 'say', room, message)
  await until('all are heard', () => seen.length === pairs.length)
  assert.deepEqual(texts(seen), pairs.map(([, text]) => text))
})

test('operands are taken by place, whatever their names', async () => {
  const a = await connect(demo.url)
  const room = await freshRoom(a)
  assert.equal((await send(a, { event: 'roomAdd', x: room })).status, 'OK')
  const seen = record(a, 'say')
  await send(a, { event: 'say', room, message: 'a', extra: 'b', n: 3 })
  await send(a, { event: 'say', message: 'before', room })
  await until('both are heard', () => seen.length === 2)
  assert.deepEqual(texts(seen), ['a b 3', 'before'])
})
