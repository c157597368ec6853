// Events: who hears them, how often, in which order, and until when.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { until } from '../lib/wait.mjs'

withEach(use => {
  use.test('an event reaches everybody who subscribed, once', async () => {
    const counter = use.counter()
    const crowd = await Promise.all([1, 2, 3].map(() => counter.connect()))
    const heard = crowd.map(connection => connection.hear('newCount'))
    await Promise.all(crowd.map(connection => connection.settled()))
    await counter.call('increment', 7)
    await until('all three have heard', () => heard.every(list => list.length))
    await Promise.all(crowd.map(connection => connection.settled()))
    assert.deepEqual(heard.map(list => [...list]), [[7], [7], [7]])
  })

  use.test('who did not subscribe hears nothing', async () => {
    const counter = await use.counter().connect()
    const heard = counter.hear('somethingElse')
    await counter.settled()
    await counter.call('increment')
    await counter.settled()
    assert.deepEqual([...heard], [])
  })

  use.test('an event belongs to one instance', async () => {
    const [here, there] = await Promise.all([use.counter().connect(), use.counter().connect()])
    const [mine, theirs] = [here.hear('newCount'), there.hear('newCount')]
    await Promise.all([here.settled(), there.settled()])
    await here.call('increment')
    await there.settled()
    assert.deepEqual([[...mine], [...theirs]], [[1], []])
  })

  use.test('who caused an event hears it before the reply', async () => {
    const counter = await use.counter().connect()
    const order = []
    counter.on('newCount', count => order.push(`event ${count}`))
    await counter.settled()
    const calls = [1, 2, 3].map(() => counter.call('increment').then(count => order.push(`reply ${count}`)))
    await Promise.all(calls)
    for (const count of [1, 2, 3]) {
      assert.ok(order.indexOf(`event ${count}`) < order.indexOf(`reply ${count}`), order.join(', '))
    }
  })

  use.test('events come in the order in which they were made', async () => {
    const counter = use.counter()
    const listener = await counter.connect()
    const heard = listener.hear('newCount')
    await listener.settled()
    const speaker = await counter.connect()
    await Promise.all(Array.from({ length: 50 }, () => speaker.call('increment')))
    await until('all have come', () => heard.length === 50)
    assert.deepEqual([...heard], Array.from({ length: 50 }, (_, i) => i + 1))
  })

  use.test('once hears once', async () => {
    const counter = await use.counter().connect()
    const heard = []
    counter.once('newCount', count => heard.push(count))
    await counter.settled()
    for (let i = 0; i < 3; i++) await counter.call('increment')
    await counter.settled()
    assert.deepEqual(heard, [1])
  })

  use.test('two listeners of one event, and one that leaves', async () => {
    const counter = await use.counter().connect()
    const [first, second] = [counter.hear('newCount'), counter.hear('newCount')]
    await counter.settled()
    await counter.call('increment')
    first.stop()
    await counter.settled()
    await counter.call('increment')
    second.stop()
    await counter.settled()
    await counter.call('increment')
    await counter.settled()
    assert.deepEqual([[...first], [...second]], [[1], [1, 2]])
  })

  use.test('who comes back to an event hears it again', async () => {
    const counter = await use.counter().connect()
    counter.hear('newCount').stop()
    const heard = counter.hear('newCount')
    await counter.settled()
    await counter.call('increment')
    await counter.settled()
    assert.deepEqual([...heard], [1])
  })

  use.test('forty connections hear one broadcast once', async () => {
    const room = use.key()
    const crowd = await Promise.all(Array.from({ length: 40 }, (_, i) => use.room(`guest${i}`, room).connect()))
    const heard = crowd.map(connection => connection.hear('newMessage'))
    await Promise.all(crowd.map(connection => connection.settled()))
    const message = await crowd[0].call('sendMessage', 'to all of you')
    assert.deepEqual(message, { seq: 1, from: 'guest0', text: 'to all of you' })
    await until('everybody has heard', () => heard.every(list => list.length))
    await Promise.all(crowd.map(connection => connection.settled()))
    for (const list of heard) assert.deepEqual([...list], [message])
  })
})
