// The life of a link: opening, silence, sleep, losses and returns, one step at a time.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { uncaught } from './lib/wait.mjs'
import { frames, linkIn } from './lib/world.mjs'

const MINUTE = 60_000
const ping = socket => socket.say('primus::ping::1700000000000')
const asked = socket => socket.sent.filter(message => message === 'primus::id::').length

describe('opening', () => {
  test('it opens, answers pings, and stays', () => {
    const world = linkIn()
    world.link.open()
    world.socket.accept()
    assert.deepEqual(world.news(), ['open'])
    world.socket.say({ welcome: 'hello', context: 'api' })
    for (let n = 0; n < 10; n++) {
      world.clock.pass(30_000)
      ping(world.socket)
    }
    assert.equal(world.socket.sent.filter(m => m === 'primus::pong::1700000000000').length, 10)
    assert.equal(world.link.phase, 'open')
    assert.equal(world.sockets.length, 1)
  })

  test('who is refused at first is told so, and tries again', () => {
    const world = linkIn()
    world.link.open()
    world.socket.refuse()
    assert.deepEqual(world.news(), ['error', 'reconnect scheduled'])
    world.clock.pass(1_000)
    world.socket.accept()
    assert.deepEqual(world.news(), ['reconnect', 'reconnected', 'open'])
  })

  test('without the strategy `timeout` it ends instead', () => {
    const world = linkIn({ strategy: 'disconnect' })
    world.link.open()
    world.socket.refuse()
    assert.deepEqual(world.news(), ['error', 'close', 'end'])
    world.clock.pass(MINUTE)
    assert.equal(world.sockets.length, 1)
  })

  test('an attempt that gets no answer has an end', () => {
    const world = linkIn({ timeout: 4_000, reconnect: { 'reconnect timeout': 7_000 } })
    world.link.open()
    world.clock.pass(4_000)
    assert.deepEqual(world.news(), ['timeout', 'reconnect scheduled'])
    assert.ok(world.sockets[0].gone, 'nothing is left behind')
    world.clock.pass(750)
    world.news()
    world.clock.pass(7_000)
    assert.deepEqual(world.news(), ['reconnect timeout', 'reconnect scheduled'])
  })

  test('a server that is mute after the opening is noticed long before its first ping is due', () => {
    const world = linkIn({}, { greeting: () => [{ event: 'detailsView', messageId: 1 }] })
    world.link.open()
    world.socket.accept()
    world.news()
    world.clock.pass(16_000)
    assert.deepEqual(world.news().slice(0, 3), ['offline', 'close', 'reconnect scheduled'])
  })

  test('a quiet server is asked, and an answer is enough', () => {
    const world = linkIn()
    world.link.open()
    world.socket.accept()
    world.clock.pass(6_000)
    assert.equal(asked(world.socket), 1)
    world.socket.say('primus::id::abc')
    world.clock.pass(20_000)
    assert.equal(world.link.phase, 'open')
    assert.deepEqual(world.heard, [])
  })

  test('a reply to the greeting that is late holds up no more than a little', () => {
    const world = linkIn({}, { greeting: () => [{ event: 'detailsView', messageId: 1 }] })
    world.link.open()
    world.socket.accept()
    world.socket.say({ welcome: 'hello' })
    world.link.write('waits')
    world.clock.pass(10_000)
    assert.equal(frames(world.socket).at(-1), 'waits')
    assert.equal(world.link.phase, 'open')
  })

  test('an old websocket that opens after all is nobody\'s any more', () => {
    const world = linkIn({ timeout: 1_000 })
    world.link.open()
    const [old] = world.sockets
    world.clock.pass(3_000)
    old.accept()
    old.say({ context: 'user' })
    assert.deepEqual(world.heard, [])
    assert.notEqual(world.link.phase, 'open')
  })
})

describe('losing it', () => {
  test('it says why, comes back, and says that', () => {
    const world = linkIn().up()
    world.socket.cut(1001, 'going away')
    assert.deepEqual(world.told.find(([name]) => name === 'close'), ['close', { why: 'lost', code: 1001, reason: 'going away' }])
    assert.deepEqual(world.news(), ['close', 'reconnect scheduled'])
    world.clock.pass(749)
    assert.equal(world.sockets.length, 1, 'not before its time')
    world.clock.pass(1)
    world.socket.accept()
    assert.deepEqual(world.news(), ['reconnect', 'reconnected', 'open'])
  })

  test('silence is a loss', () => {
    const world = linkIn({ pingTimeout: 45_000 }).up()
    world.clock.pass(44_999)
    assert.deepEqual(world.news(), [])
    world.clock.pass(1)
    assert.deepEqual(world.news(), ['offline', 'close', 'reconnect scheduled'])
    world.clock.pass(1_000)
    world.socket.accept()
    assert.deepEqual(world.news(), ['reconnect', 'reconnected', 'online', 'open'])
  })

  test('silence is none where the server does not ping', () => {
    const world = linkIn({ pingTimeout: false }).up()
    world.clock.pass(60 * MINUTE)
    assert.equal(world.link.phase, 'open')
  })

  test('it gives up after all attempts, and says so', () => {
    const world = linkIn({ reconnect: { retries: 2 } }).up()
    world.socket.cut()
    for (let n = 0; n < 2; n++) {
      world.clock.pass(10_000)
      world.socket.refuse()
    }
    assert.deepEqual(world.news().slice(-2), ['reconnect failed', 'end'])
    assert.equal(world.link.phase, 'closed')
    assert.deepEqual(world.clock.due, [], 'no timer is left')
  })

  test('who never gives up tries on and on', () => {
    const world = linkIn({ reconnect: { retries: Infinity } }).up()
    world.socket.cut()
    for (let n = 0; n < 40; n++) {
      world.clock.pass(2 ** 31)
      world.socket.refuse()
    }
    assert.ok(world.sockets.length > 40)
  })

  test('with no strategy it does not come back', () => {
    const world = linkIn({ strategy: false }).up()
    world.socket.cut()
    assert.deepEqual(world.news(), ['close', 'end'])
  })

  test('a server that ends it on purpose is not asked again', () => {
    const world = linkIn().up()
    world.socket.say('primus::server::close')
    world.socket.say({ context: 'user' })
    assert.deepEqual(world.news(), ['close', 'end'])
    assert.deepEqual(world.heard.filter(({ context }) => context === 'user'), [])
    world.clock.pass(MINUTE)
    assert.equal(world.sockets.length, 1)
  })

  test('who hears of the loss may end it', () => {
    for (const name of ['close', 'reconnect scheduled', 'reconnect', 'incoming::end', 'readyStateChange']) {
      const world = linkIn().up()
      world.on[name] = () => world.link.end()
      world.socket.cut()
      world.clock.pass(MINUTE)
      assert.equal(world.link.phase, 'closed', name)
      assert.equal(world.sockets.length, 1, name)
      assert.deepEqual(world.clock.due, [], name)
      assert.equal(world.news().filter(news => news === 'end').length, 1, name)
    }
  })

  test('who hears of something may throw: it comes back all the same', async () => {
    for (const name of ['close', 'incoming::end', 'reconnect scheduled', 'reconnect', 'reconnected', 'readyStateChange', 'open', 'error']) {
      const world = linkIn().up()
      world.on[name] = () => { throw new Error(name) }
      const errors = await uncaught(() => {
        world.socket.cut()
        world.clock.pass(MINUTE)
        world.socket.refuse()
        world.clock.pass(MINUTE)
        world.socket.accept()
      })
      assert.equal(world.link.phase, 'open', name)
      assert.ok(name === 'error' || errors.includes(name), name)
    }
  })

  test('who hears of the opening may end it', () => {
    for (const name of ['outgoing::open', 'incoming::open', 'open', 'incoming::data']) {
      const world = linkIn()
      world.on[name] = () => world.link.end()
      world.link.open()
      world.socket?.accept()
      world.socket?.say(1)
      world.clock.pass(MINUTE)
      assert.equal(world.link.phase, 'closed', name)
      assert.deepEqual(world.clock.due, [], name)
      assert.ok(world.sockets.every(({ gone }) => gone), name)
    }
  })
})

describe('sleep and clocks', () => {
  test('after an hour of sleep a link that answers is still the link', () => {
    const world = linkIn().up()
    world.clock.sleep(60 * MINUTE)
    assert.equal(asked(world.socket), 1)
    assert.deepEqual(world.news(), [])
    world.socket.say('primus::id::abc')
    world.clock.pass(30_000)
    ping(world.socket)
    assert.equal(world.link.phase, 'open')
    assert.equal(world.sockets.length, 1)
  })

  test('one that does not answer is replaced', () => {
    const world = linkIn().up()
    world.clock.sleep(60 * MINUTE)
    world.clock.pass(10_000)
    assert.deepEqual(world.news(), ['offline', 'close', 'reconnect scheduled'])
    world.clock.pass(1_000)
    world.socket.accept()
    assert.equal(world.link.phase, 'open')
  })

  test('one whose close was waiting to be heard is replaced at once', () => {
    const world = linkIn().up()
    world.clock.sleep(60 * MINUTE)
    world.socket.cut()
    world.clock.pass(1_000)
    assert.equal(world.sockets.length, 2)
  })

  test('sleep during an attempt gives the attempt its time anew', () => {
    const world = linkIn({ timeout: 10_000 })
    world.link.open()
    world.clock.sleep(30 * MINUTE)
    assert.deepEqual(world.news(), [])
    world.socket.accept()
    assert.deepEqual(world.news(), ['open'])
  })

  test('in a hidden page, where every timer is late by a minute, a dead link is noticed all the same', () => {
    const world = linkIn({ timeout: 10_000 }).up()
    for (let minute = 0; minute < 4; minute++) world.clock.sleep(MINUTE)
    assert.ok(world.sockets.length > 1)
    const attempts = world.sockets.length
    for (let minute = 0; minute < 4; minute++) world.clock.sleep(MINUTE)
    assert.ok(world.sockets.length > attempts, 'an attempt that nobody answers has an end')
  })

  test('sleep during a wait ends it', () => {
    const world = linkIn().up()
    world.socket.cut()
    world.clock.sleep(30 * MINUTE)
    assert.equal(world.sockets.length, 2)
  })

  test('a clock that is set back an hour changes nothing', () => {
    const world = linkIn().up()
    world.clock.time -= 60 * MINUTE
    for (const timer of world.clock.due) timer.at -= 60 * MINUTE
    world.clock.pass(30_000)
    ping(world.socket)
    world.clock.pass(44_000)
    assert.equal(world.link.phase, 'open')
    world.clock.pass(1_000)
    assert.deepEqual(world.news(), ['offline', 'close', 'reconnect scheduled'])
  })

  test('a page that was hidden asks whether the link is alive, and does not wait on to come back', () => {
    const world = linkIn().up()
    world.clock.pass(20_000)
    world.watching.wake()
    assert.equal(asked(world.socket), 1)
    world.socket.cut()
    world.watching.wake()
    world.clock.pass(500)
    assert.equal(world.sockets.length, 2)
  })
})

describe('the browser\'s news of the network', () => {
  test('offline closes it, online brings it back, and no attempt is wasted meanwhile', () => {
    const world = linkIn().up()
    world.watching.offline()
    assert.deepEqual(world.news(), ['offline', 'close'])
    world.clock.pass(600 * MINUTE)
    assert.equal(world.sockets.length, 1)
    world.watching.online()
    world.clock.pass(500)
    world.socket.accept()
    assert.deepEqual(world.news(), ['online', 'reconnect', 'reconnected', 'open'])
  })

  test('a loss while offline waits for the network', () => {
    const world = linkIn().up()
    world.socket.cut()
    world.watching.offline()
    world.clock.pass(600 * MINUTE)
    assert.equal(world.sockets.length, 1)
    world.watching.online()
    world.clock.pass(500)
    assert.equal(world.sockets.length, 2)
  })

  test('without the strategy `online` it tries by itself', () => {
    const world = linkIn({ strategy: 'disconnect' }).up()
    world.watching.offline()
    world.clock.pass(1_000)
    assert.equal(world.sockets.length, 2)
  })

  test('nobody listens to it with `network: false`, nor after the end', () => {
    assert.equal(linkIn({ network: false }).up().watching, null)
    const world = linkIn().up()
    world.link.end()
    assert.equal(world.watching, null)
  })
})

describe('strange messages', () => {
  test('invalid JSON is an error for who listens; null and binary messages are nothing', () => {
    const world = linkIn().up()
    world.heard.length = 0
    world.socket.sayText('{')
    assert.deepEqual(world.news(), ['error'])
    world.socket.sayText('null')
    world.socket.sayText(new ArrayBuffer(2))
    assert.deepEqual(world.heard, [])
    assert.deepEqual(world.news(), [])
  })

  test('unknown control strings are for the application', () => {
    const world = linkIn().up()
    world.heard.length = 0
    for (const text of ['primus::fly::1', 'primus::server::dance', 'primus::']) world.socket.say(text)
    assert.deepEqual(world.heard, ['primus::fly::1', 'primus::server::dance', 'primus::'])
  })

  test('what JSON can\'t say is an error, and nothing is sent', () => {
    const world = linkIn().up()
    world.link.write(undefined)
    const [, data, { code }] = world.told.find(([name]) => name === 'outgoing::dropped')
    assert.deepEqual(world.news(), ['error'])
    assert.deepEqual(frames(world.socket), [])
    assert.deepEqual([data, code], [undefined, 'not_encodable'])
  })
})
