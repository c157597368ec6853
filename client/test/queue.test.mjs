// What is written while there is no link waits, in order.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { frames, linkIn } from './lib/world.mjs'

const dropped = world => world.told.filter(([name]) => name === 'dropped').map(([, data]) => data)

test('what is written before the link opens is sent when it opens, in order', () => {
  const world = linkIn()
  world.link.open()
  for (const n of [1, 2, 3]) assert.equal(world.link.write({ n }), false)
  assert.deepEqual(world.socket.sent, [])
  world.socket.accept()
  assert.deepEqual(frames(world.socket), [{ n: 1 }, { n: 2 }, { n: 3 }])
  assert.equal(world.link.write({ n: 4 }), true)
  assert.deepEqual(frames(world.socket).at(-1), { n: 4 })
})

test('what is written while down is sent after the return; what was written before is never sent twice', () => {
  const world = linkIn().up()
  world.link.write('before')
  world.socket.cut()
  world.link.write('meanwhile')
  world.clock.pass(2_000)
  world.socket.accept()
  assert.deepEqual(frames(world.socket), ['meanwhile'])
})

test('a websocket that is closing takes nothing: it waits for the next one', () => {
  const world = linkIn().up()
  world.socket.readyState = 2
  world.link.write('late')
  assert.deepEqual(frames(world.socket), [])
  world.socket.cut()
  world.clock.pass(2_000)
  world.socket.accept()
  assert.deepEqual(frames(world.socket), ['late'])
})

describe('over the limit', () => {
  test('the oldest go, and it is told which', () => {
    const world = linkIn({ queueSize: 2 })
    for (const n of [1, 2, 3, 4]) world.link.write(n)
    assert.deepEqual(dropped(world), [1, 2])
    world.link.open()
    world.socket.accept()
    assert.deepEqual(frames(world.socket), [3, 4])
  })

  test('with a limit of nothing, nothing waits', () => {
    const world = linkIn({ queueSize: 0 })
    for (const n of [1, 2]) world.link.write(n)
    assert.deepEqual(dropped(world), [1, 2])
    world.up()
    assert.deepEqual(frames(world.socket), [])
  })

  test('a hundred thousand messages wait where there is no limit', () => {
    const world = linkIn()
    for (let n = 0; n < 100_000; n++) world.link.write(n)
    assert.deepEqual(dropped(world), [])
    world.link.open()
    world.socket.accept()
    assert.equal(frames(world.socket).length, 100_000)
    assert.equal(frames(world.socket)[99_999], 99_999)
  })
})

test('the greeting is answered before what waits is sent, whatever the limit', () => {
  const world = linkIn({ queueSize: 1 }, { greeting: () => [{ event: 'detailsView', messageId: 7 }] })
  world.link.write('waits')
  world.link.open()
  world.socket.accept()
  world.link.write('later')
  assert.deepEqual(frames(world.socket), [{ event: 'detailsView', messageId: 7 }])
  world.socket.answer('detailsView', { data: { rooms: [] } })
  assert.deepEqual(frames(world.socket).slice(1), ['waits', 'later'])
  assert.deepEqual(dropped(world), [])
})

test('a last message is sent with the end', () => {
  const world = linkIn().up()
  world.link.end('bye')
  assert.deepEqual(frames(world.socket), ['bye'])
  assert.ok(world.socket.gone)
})
