// Every action of the counter, called without a connection and over one.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { errorOf } from '../lib/actors/errors.mjs'

const MIB = 1 << 20

withEach(use => {
  use.test('a new counter counts from 0', async () => {
    const counter = use.counter()
    assert.equal(await counter.call('getCount'), 0)
    assert.equal(await counter.call('increment', 5), 5)
    assert.equal(await counter.call('increment'), 6, 'by 1 when nothing is said')
    assert.equal(await counter.call('increment', -10), -4)
    assert.equal(await counter.call('getCount'), -4)
  })

  use.test('the same over a connection', async () => {
    const counter = await use.counter().connect()
    assert.equal(await counter.call('increment', 5), 5)
    assert.equal(await counter.call('increment'), 6)
    assert.equal(await counter.call('getCount'), 6)
  })

  use.test('what one client changes, another sees', async () => {
    const key = use.key()
    const [mine, yours] = [use.client(), use.client()].map(client => client.getOrCreate('counter', key))
    await mine.call('increment', 3)
    assert.equal(await yours.call('getCount'), 3)
  })

  use.test('a list is kept in order', async () => {
    const counter = use.counter()
    assert.deepEqual(await counter.call('getLog'), [])
    assert.equal(await counter.call('append', 'a'), 1)
    assert.equal(await counter.call('append', 'ü ☃'), 2)
    assert.deepEqual(await counter.call('getLog'), ['a', 'ü ☃'])
  })

  use.test('an action without a result gives null', async () => {
    const counter = use.counter()
    assert.equal(await counter.call('nothing') ?? null, null)
    const connection = await counter.connect()
    assert.equal(await connection.call('nothing') ?? null, null)
  })

  use.test('a result of 1 MiB', async () => {
    const counter = use.counter()
    const connection = await counter.connect()
    for (const way of [counter, connection]) assert.equal(await way.call('blob', MIB), 'x'.repeat(MIB))
    assert.equal(await counter.call('blob', 0), '')
  })

  use.test('an argument of 1 MiB', async () => {
    const text = 'ü'.repeat(MIB / 2)
    const counter = use.counter()
    const connection = await counter.connect()
    for (const way of [counter, connection]) assert.equal(await way.call('echo', text), text)
  })

  use.test('more arguments than an action takes are a mistake, and said to be one', async () => {
    const counter = use.counter()
    const { message } = await errorOf(counter.call('increment', 2, 'and', { more: true }))
    assert.match(message, /3 arguments were given; 1/)
    assert.equal(await counter.call('getCount'), 0)
  })

  use.test('an action that waits', async () => {
    const counter = use.counter()
    const before = performance.now()
    assert.equal(await counter.call('slow', 50), 50)
    assert.ok(performance.now() - before >= 49)
  })
})
