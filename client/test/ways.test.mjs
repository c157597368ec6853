// By which transports an attempt is made, and what the link makes of it.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { source } from './lib/source.mjs'
import { linkIn } from './lib/world.mjs'

const { ways } = await source('link/ways.ts')

describe('the ways of an attempt', () => {
  const both = ['websocket', 'polling']
  const cases = [
    // websockets, polls, last, misses, ways, mute
    [true, true, undefined, 0, both],
    [true, true, undefined, 7, both],
    [true, true, 'websocket', 0, ['websocket']],
    [true, true, 'websocket', 1, ['websocket']],
    [true, true, 'websocket', 2, both],
    [true, true, 'websocket', 9, both],
    [true, true, 'polling', 0, ['polling']],
    [true, true, 'polling', 1, both],
    [true, false, undefined, 0, ['websocket']],
    [true, false, 'websocket', 5, ['websocket']],
    [true, true, undefined, 0, both, 1],
    [true, true, undefined, 0, ['polling', 'websocket'], 2],
    [true, true, 'websocket', 1, ['polling', 'websocket'], 3],
    [true, true, 'polling', 0, ['polling'], 2],
    [true, false, undefined, 0, ['websocket'], 9],
    [false, true, undefined, 0, ['polling']],
    [false, true, 'polling', 3, ['polling']],
    [false, false, undefined, 0, ['polling']]
  ]
  for (const [websockets, polls, last, misses, expected, mute = 0] of cases) {
    test(`${websockets ? '' : 'no '}websockets, ${polls ? '' : 'no '}polling, ${last} opened, ${misses} missed, ${mute} mute: ${expected}`, () => {
      assert.deepEqual(ways(websockets, polls, { last, misses, mute }), expected)
    })
  }
})

/** It opens, and something comes. */
function works ({ socket }) {
  socket.accept()
  socket.say({ welcome: 'hello', context: 'api' })
}

const tried = world => world.sockets.map(({ transport }) => transport)

describe('where no websocket passes', () => {
  const OPTIONS = { polls: true }

  test('the same attempt goes on by polling, and nobody hears of it', () => {
    const world = linkIn({}, OPTIONS)
    world.link.open()
    assert.equal(world.link.transport, undefined)
    const [websocket] = world.sockets
    websocket.refuse()
    assert.deepEqual(tried(world), ['websocket', 'polling'])
    world.socket.accept()
    assert.deepEqual(world.news(), ['open'])
    assert.equal(world.link.transport, 'polling')
    websocket.accept()
    assert.equal(world.sockets.length, 2, 'the websocket is nobody\'s any more')
  })

  test('a websocket without an answer has its time, polling as much again', () => {
    const world = linkIn({ timeout: 4_000 }, OPTIONS)
    world.link.open()
    world.clock.pass(3_999)
    assert.deepEqual(tried(world), ['websocket'])
    world.clock.pass(1)
    assert.deepEqual(tried(world), ['websocket', 'polling'])
    assert.ok(world.sockets[0].gone, 'nothing is left behind')
    world.clock.pass(3_999)
    assert.deepEqual(world.news(), [])
    world.clock.pass(1)
    assert.deepEqual(world.news(), ['timeout', 'reconnect scheduled'])
  })

  test('who polls comes back by polling; if that fails, by a websocket first', () => {
    const world = linkIn({}, OPTIONS)
    world.link.open()
    world.sockets[0].refuse()
    works(world)
    world.socket.cut()
    world.clock.pass(1_000)
    assert.deepEqual(tried(world).slice(2), ['polling'])
    world.socket.refuse()
    world.clock.pass(3_000)
    assert.deepEqual(tried(world).slice(3), ['websocket'])
    world.socket.accept()
    assert.equal(world.link.transport, 'websocket')
  })

  test('one that swallows websockets costs no more than the first time, also on the way back', () => {
    const world = linkIn({ timeout: 4_000, reconnect: { 'reconnect timeout': 30_000 } }, OPTIONS)
    world.link.open()
    world.clock.pass(4_000)
    works(world)
    world.socket.cut()
    world.clock.pass(1_000)
    world.socket.refuse()
    world.clock.pass(2_000 + 4_000)
    assert.deepEqual(tried(world), ['websocket', 'polling', 'polling', 'websocket', 'polling'])
  })

  test('on the way back no attempt takes longer than it may', () => {
    for (const [timeout, limit, expected] of [[4_000, 1_000, 1_000], [1_000, 4_000, 1_000], [false, 2_000, 2_000]]) {
      const world = linkIn({ timeout, reconnect: { 'reconnect timeout': limit } }, OPTIONS)
      world.link.open()
      for (let n = 0; n < 2; n++) world.socket.refuse()
      world.clock.pass(750)
      assert.deepEqual(tried(world).slice(2), ['websocket'])
      world.clock.pass(expected - 1)
      assert.equal(world.sockets.length, 3, `${timeout} and ${limit}`)
      world.clock.pass(1)
      assert.equal(world.socket.transport, 'polling', `${timeout} and ${limit}`)
    }
  })

  test('who had a websocket wants one, and polls in the third attempt', () => {
    const world = linkIn({}, OPTIONS).up()
    assert.equal(world.link.transport, 'websocket')
    world.socket.cut()
    assert.equal(world.link.transport, undefined)
    for (let n = 0; n < 2; n++) {
      world.clock.pass(10_000)
      world.socket.refuse()
    }
    assert.deepEqual(tried(world), ['websocket', 'websocket', 'websocket'])
    world.clock.pass(10_000)
    world.socket.refuse()
    assert.deepEqual(tried(world).slice(3), ['websocket', 'polling'])
    world.socket.accept()
    assert.equal(world.link.transport, 'polling')
  })

  test('one that opens websockets and lets nothing through them is not believed for ever', () => {
    const world = linkIn({}, OPTIONS)
    world.link.open()
    for (let n = 0; n < 2; n++) {
      world.socket.accept()
      world.socket.cut()
      world.clock.pass(10_000)
    }
    assert.deepEqual(tried(world), ['websocket', 'websocket', 'polling'])
    works(world)
    world.socket.cut()
    world.clock.pass(10_000)
    assert.deepEqual(tried(world).slice(3), ['polling'])
  })

  test('a server that is mute by polling says nothing against websockets', () => {
    const world = linkIn({}, OPTIONS)
    world.link.open()
    world.socket.refuse()
    for (let n = 0; n < 3; n++) {
      world.socket.accept()
      world.socket.cut()
      world.clock.pass(30_000)
      world.socket.refuse()
    }
    assert.deepEqual(tried(world).slice(2), ['websocket', 'polling', 'websocket', 'polling', 'websocket', 'polling'])
  })

  test('an attempt that came to nothing by both is one attempt, and its error that of polling', () => {
    const world = linkIn({ reconnect: { retries: 1 } }, OPTIONS)
    world.link.open()
    for (let n = 0; n < 2; n++) {
      world.socket.onerror({ message: 'no websocket' })
      world.socket.onerror({ message: 'no polling' })
      world.clock.pass(10_000)
    }
    assert.deepEqual(tried(world), ['websocket', 'polling', 'websocket', 'polling'])
    assert.deepEqual(world.told.filter(([name]) => name === 'error').map(([, error]) => error.message), ['no polling'])
    assert.deepEqual(world.news().slice(-2), ['reconnect failed', 'end'])
  })

  test('who ends it between both is left in peace', () => {
    const world = linkIn({}, OPTIONS)
    world.on['incoming::error'] = () => world.link.end()
    world.link.open()
    world.socket.refuse()
    assert.deepEqual(tried(world), ['websocket'])
    assert.equal(world.link.phase, 'closed')
  })
})

test('with `websockets: false` no websocket is tried', () => {
  const world = linkIn({ websockets: false }, { polls: true })
  world.link.open()
  works(world)
  world.socket.cut()
  for (let n = 0; n < 4; n++) {
    world.clock.pass(30_000)
    world.socket.refuse()
  }
  assert.deepEqual(new Set(tried(world)), new Set(['polling']))
})
