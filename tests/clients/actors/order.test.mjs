// Calls of one connection start in the order in which they were made; one that waits holds nobody else up.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'

withEach(use => {
  use.test('fifty calls at once are answered 1 to 50', async () => {
    const counter = await use.counter().connect()
    const counts = await Promise.all(Array.from({ length: 50 }, () => counter.call('increment')))
    // Each call of an event stream is a request of its own: they come over several sockets, in whatever order.
    if (use.subject.transport === 'sse') counts.sort((a, b) => a - b)
    assert.deepEqual(counts, Array.from({ length: 50 }, (_, i) => i + 1))
  })

  use.test('the replies come in that order too', async () => {
    const counter = await use.counter().connect()
    const replies = []
    await Promise.all(Array.from({ length: 20 }, () => counter.call('increment').then(count => replies.push(count))))
    assert.deepEqual(replies, Array.from({ length: 20 }, (_, i) => i + 1))
  })

  use.test('a hundred calls of ten connections: each counts, none twice', async () => {
    const key = use.key()
    const handle = use.client().getOrCreate('counter', key)
    const connections = await Promise.all(Array.from({ length: 10 }, () => handle.connect()))
    const counts = await Promise.all(connections.flatMap(connection => Array.from({ length: 10 }, () => connection.call('increment'))))
    assert.deepEqual(counts.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1))
  })

  use.test('what waits for one does not hold up another', async () => {
    const handle = use.counter()
    const [slow, quick] = await Promise.all([handle.connect(), handle.connect()])
    await Promise.all([slow.settled(), quick.settled()])
    let done = false
    const waiting = slow.call('slow', 700).then(ms => { done = true; return ms })
    const spent = []
    for (let i = 0; i < 5; i++) {
      const before = performance.now()
      assert.equal(await quick.call('getCount'), 0)
      spent.push(performance.now() - before)
    }
    assert.equal(done, false, `five calls of another connection took ${spent.map(Math.round)} ms`)
    assert.ok(Math.min(...spent) < 100, `${spent.map(Math.round)} ms`)
    assert.equal(await waiting, 700)
  })

  use.test('what waits for one does not hold up a change by another', async () => {
    const handle = use.counter()
    const slow = await handle.connect()
    await slow.settled()
    let done = false
    const waiting = slow.call('slow', 700).then(() => { done = true })
    assert.equal(await handle.call('increment'), 1)
    assert.equal(done, false)
    await waiting
  })

  use.test('racing to be the first makes one actor', async () => {
    const key = use.key()
    const clients = Array.from({ length: 8 }, () => use.client())
    const racers = clients.map(client => client.getOrCreate('counter', key))
    const counts = await Promise.all(racers.map(racer => racer.call('increment')))
    assert.deepEqual(counts.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8])
  })
})
