// Seats at actors: when they are taken, what waits for them, and what becomes of both when a connection goes or the
// actor's side ends them. Below is a stand-in for the link, and time is the test's.

import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { source } from './lib/source.mjs'

const { ActionheroWebsocketClient } = await source('actionhero/client.ts')
const { Emitter } = await source('emitter.ts')

/** A link that does what a test says. */
class Primus extends Emitter {
  writable = true
  link = { writable: false }
  written = []
  greetings = []

  open () { return this }
  greet (frames) { this.greetings.push(frames) }
  end () { this.emit('end', { why: 'ended' }) }

  write (frame) {
    this.written.push(frame)
    this.emit('outgoing::sent', frame)
  }

  up () {
    this.begin()
    this.settle()
  }

  /** It is open, and rooms are still to be joined: what is written waits for that. */
  begin () {
    this.writable = true
    for (const greeting of this.greetings) for (const frame of greeting()) this.write(frame)
    this.reply(this.take('detailsView')[0], { status: 'OK', data: { id: 'me', rooms: [] } })
  }

  settle () {
    this.link.writable = true
    this.emit('outgoing::settled')
  }

  /** What its websocket takes now is lost, and what is written waits for the next one. */
  closing () { this.link.writable = false }

  down () {
    this.writable = this.link.writable = false
    this.emit('close', { why: 'lost' })
  }

  /** The frames of an event that were written since the last look at it. */
  take (event) {
    const taken = this.written.filter(frame => frame.event === event)
    this.written = this.written.filter(frame => frame.event !== event)
    return taken
  }

  reply ({ messageId }, reply) { this.emit('data', { context: 'response', messageId, ...reply }) }
  refuse (frame, code, more) { this.reply(frame, { status: `Error: ${code}`, error: `Error: ${code}`, code, ...more }) }
  push (seat, more) { this.emit('data', { context: 'actor', seat, ...more }) }

  /** Gives whoever asked for one a seat. */
  seat (number) { this.reply(this.take('actorConnect')[0], { status: 'OK', data: { seat: number } }) }
}

async function connected (options) {
  const primus = new Primus()
  const client = new ActionheroWebsocketClient({ url: 'http://127.0.0.1:1', ...options }, primus)
  const details = client.connect()
  primus.up()
  await details
  return { client, primus }
}

const plain = frames => frames.map(({ messageId, ...frame }) => frame)

describe('a seat', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }))
  afterEach(() => mock.timers.reset())

  test('what waits for it follows in order, behind the events', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', ['a', 'b'], { word: 'please' })
    const states = []
    counter.watch(state => states.push(state))
    const count = counter.call('increment', 1)
    counter.call('nothing')
    counter.on('newCount', () => {})
    assert.deepEqual(plain(primus.written), [{ event: 'actorConnect', actor: ['counter', ['a', 'b']], params: { word: 'please' } }])
    primus.seat(7)
    assert.deepEqual(plain(primus.written), [
      { event: 'actorOn', name: 'newCount', seat: 7 },
      { event: 'actorCall', name: 'increment', args: [1], seat: 7 },
      { event: 'actorCall', name: 'nothing', args: [], seat: 7 }
    ])
    primus.reply(primus.take('actorCall')[0], { status: 'OK', data: 5 })
    assert.equal(await count, 5)
    assert.deepEqual([counter.state, states], ['open', ['open']])
  })

  test('the actor hears of the first who listens and of the last who does no more', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    primus.seat(7)
    const heard = []
    const off = counter.on('news', (...args) => heard.push(args))
    counter.on('news', () => heard.push('again'))
    counter.once('once', value => heard.push(value))
    assert.deepEqual(plain(primus.take('actorOn')).map(({ name }) => name), ['news', 'once'])
    primus.push(7, { event: 'news', args: [1, 2] })
    primus.push(7, { event: 'once', args: ['x'] })
    primus.push(8, { event: 'news', args: ['of another seat'] })
    assert.deepEqual(heard, [[1, 2], 'again', 'x'])
    assert.deepEqual(plain(primus.take('actorOff')), [{ event: 'actorOff', name: 'once', seat: 7 }])
    off()
    assert.deepEqual(primus.take('actorOff'), [])
    counter.off('news')
    assert.equal(primus.take('actorOff').length, 1)
  })

  test('a refused call has the actor\'s code and what else it says', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    primus.seat(7)
    const failed = assert.rejects(counter.call('fail'), { message: 'poor', code: 'poor', metadata: { have: 2 } })
    primus.refuse(primus.take('actorCall')[0], 'poor', { metadata: { have: 2 } })
    await failed
  })

  test('what JSON lacks, and what looks like it, arrives as it is', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', ['$team', 'a'], { note: ['$x', 1] })
    const [asked] = primus.take('actorConnect')
    assert.deepEqual([asked.actor, asked.params], [['counter', ['$team', 'a']], { note: ['$$x', 1] }])
    primus.reply(asked, { status: 'OK', data: { seat: 7 } })
    const rows = [
      ['$bob', '$bob'],
      [['$x', 1], ['$$x', 1]],
      [['$$x', ['$', 1n]], ['$$$x', ['$$', ['$BigInt', '1']]]],
      [['$x', 1, 2], ['$x', 1, 2]],
      [{ price: ['$', 5] }, { price: ['$$', 5] }],
      [12345678901234567890n, ['$BigInt', '12345678901234567890']],
      [['$BigInt', '12'], ['$$BigInt', '12']],
      [new Uint8Array([0, 255]), ['$Uint8Array', 'AP8=']],
      [[null, true, 1.5, 'x'], [null, true, 1.5, 'x']]
    ]
    for (const [value, written] of rows) {
      const echoed = counter.call('echo', value, 'hi')
      const [frame] = primus.take('actorCall')
      assert.deepEqual(frame.args, [written, 'hi'])
      primus.reply(frame, { status: 'OK', data: written })
      assert.deepEqual(await echoed, value)
      let heard
      counter.once('news', (...args) => { heard = args })
      primus.push(7, { event: 'news', args: [structuredClone(written), 'hi'] })
      assert.deepEqual(heard, [value, 'hi'])
    }
    counter.on('two', (...args) => assert.deepEqual(args, ['$BigInt', '12'], 'two arguments are no list'))
    primus.push(7, { event: 'two', args: ['$BigInt', '12'] })
    const failed = assert.rejects(counter.call('fail'), { metadata: { have: 2n } })
    primus.refuse(primus.take('actorCall')[0], 'poor', { metadata: { have: ['$BigInt', '2'] } })
    await failed
  })

  test('an argument is what it was at the call, and what can\'t be said fails', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    const list = [1]
    counter.call('append', list, new Date(0), undefined)
    list.push(2)
    primus.seat(7)
    assert.deepEqual(primus.take('actorCall')[0].args, [[1], '1970-01-01T00:00:00.000Z', null])
    list.push(list)
    await assert.rejects(counter.call('append', list), { code: 'not_encodable' })
    assert.deepEqual(primus.written, [])
  })

  test('when the connection goes, what was sent is rejected, and what follows waits for the next seat', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    counter.on('news', () => {})
    primus.seat(7)
    let next
    const lost = counter.call('first').catch(error => {
      // Who tries again at once is no earlier than the next connection.
      next = counter.call('second')
      return error.code
    })
    primus.written = []
    primus.down()
    assert.equal(await lost, 'connection_lost')
    assert.deepEqual([counter.state, primus.written], ['waiting', []])
    primus.up()
    primus.seat(9)
    assert.deepEqual(plain(primus.written).map(({ event, name, seat }) => [event, name, seat]), [['actorOn', 'news', 9], ['actorCall', 'second', 9]])
    primus.push(7, { closed: { code: 'old', reason: '', retry: false } })
    assert.equal(counter.state, 'open', 'what is said of an old seat is nothing to a new one')
    primus.reply(primus.take('actorCall')[0], { status: 'OK', data: true })
    assert.equal(await next, true)
  })

  test('on a link that is closing nothing is written', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    primus.seat(7)
    const left = client.actor('counter', 'b')
    primus.seat(6)
    primus.closing()
    primus.written = []
    counter.call('later')
    counter.on('news', () => {})
    left.leave()
    const asked = client.actor('counter', 'c')
    assert.deepEqual(primus.written, [])
    primus.down()
    primus.up()
    primus.take('actorConnect').forEach((frame, nth) => primus.reply(frame, { status: 'OK', data: { seat: 8 + nth } }))
    assert.deepEqual(plain(primus.written), [
      { event: 'actorOn', name: 'news', seat: 8 },
      { event: 'actorCall', name: 'later', args: [], seat: 8 }
    ])
    assert.equal(asked.state, 'open')
  })

  test('it is asked for when the link has settled, and not again by a loss before that', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    primus.seat(7)
    primus.down()
    primus.begin()
    assert.equal(client.state, 'connected')
    assert.deepEqual(primus.take('actorConnect'), [])
    primus.down()
    primus.up()
    assert.equal(primus.take('actorConnect').length, 1)
    assert.equal(counter.state, 'waiting')
  })

  test('a seat that comes when another was asked for meanwhile is left', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    const [late] = primus.take('actorConnect')
    // What a plugin holds back outlives the connection.
    client.pending.lost = () => {}
    primus.down()
    primus.up()
    primus.reply(late, { status: 'OK', data: { seat: 7 } })
    assert.deepEqual(plain(primus.take('actorLeave')), [{ event: 'actorLeave', seat: 7 }])
    primus.seat(8)
    assert.equal(counter.state, 'open')
  })

  test('a refusal of the seat is final: it closes, and all calls fail with it', async () => {
    const { client, primus } = await connected()
    const chat = client.actor('chatRoom', 'x')
    const told = []
    chat.watch((state, failure) => told.push([state, failure.code]))
    const waiting = assert.rejects(chat.call('getHistory'), { code: 'invalid_token', metadata: { username: 'a' } })
    primus.refuse(primus.take('actorConnect')[0], 'invalid_token', { metadata: { username: 'a' } })
    await waiting
    await assert.rejects(chat.call('getHistory'), { code: 'invalid_token' })
    assert.deepEqual(told, [['closed', 'invalid_token']])
    primus.down()
    primus.up()
    assert.deepEqual(primus.take('actorConnect'), [])
  })

  for (const code of ['connection_limit', 'connection_lost', 'timeout', 'internal', 'overloaded']) {
    test(`a refusal is final whatever its code is: ${code}`, async () => {
      const { client, primus } = await connected()
      const chat = client.actor('chatRoom', 'x')
      const waiting = assert.rejects(chat.call('getHistory'), { code })
      primus.refuse(primus.take('actorConnect')[0], code)
      await waiting
      mock.timers.tick(60_000)
      assert.deepEqual([chat.state, primus.take('actorConnect')], ['closed', []])
    })
  }

  test('what passes is tried again: at once, then after waits that double', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    for (const most of [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      primus.refuse(primus.take('actorConnect')[0], 'actor_stopping', { retry: true })
      if (most) mock.timers.tick(most / 2 - 1)
      assert.equal(primus.take('actorConnect').length, 0, `not before half of ${most} ms`)
      const written = primus.written.length
      mock.timers.tick(most / 2 + 2)
      assert.equal(primus.written.length, written + 1, `within ${most} ms`)
    }
    primus.seat(3)
    assert.equal(counter.state, 'open')
    mock.timers.tick(10_001)
    primus.push(3, { closed: { code: 'actor_stopping', reason: 'moved', retry: true } })
    mock.timers.tick(1)
    assert.equal(primus.take('actorConnect').length, 1, 'after a seat that lasted at once again')
  })

  test('the actor\'s own end is final', async () => {
    const { client, primus } = await connected()
    const chat = client.actor('chatRoom', 'x')
    primus.seat(3)
    const told = []
    chat.watch((state, failure) => told.push([state, failure && failure.message]))
    primus.push(3, { closed: { code: 'disconnected', reason: 'be nice', retry: false } })
    mock.timers.tick(60_000)
    assert.deepEqual([told, primus.take('actorConnect')], [[['closed', 'be nice']], []])
  })

  test('who leaves has left, also before the seat is there', async () => {
    const { client, primus } = await connected()
    const first = client.actor('counter', 'a')
    primus.seat(3)
    first.leave()
    assert.deepEqual(plain(primus.take('actorLeave')), [{ event: 'actorLeave', seat: 3 }])
    await assert.rejects(first.call('x'), { code: 'actor_left' })
    const second = client.actor('counter', 'a')
    second.leave()
    primus.seat(4)
    assert.deepEqual(plain(primus.take('actorLeave')), [{ event: 'actorLeave', seat: 4 }])
    primus.down()
    primus.up()
    assert.deepEqual(primus.take('actorConnect'), [])
  })

  for (const [when, part] of Object.entries({
    'the actor\'s side ends it': primus => primus.push(3, { closed: { code: 'internal', reason: 'x', retry: true } }),
    'the connection goes': primus => primus.down()
  })) {
    test(`who leaves when ${when} has left`, async () => {
      const { client, primus } = await connected()
      const counter = client.actor('counter', 'a')
      const states = []
      counter.watch(state => {
        states.push(state)
        if (state === 'waiting') counter.leave()
      })
      primus.seat(3)
      part(primus)
      mock.timers.tick(60_000)
      primus.down()
      primus.up()
      assert.deepEqual([states, primus.take('actorConnect')], [['open', 'waiting', 'closed'], []])
    })
  }

  test('one that is asked for before or while it connects is asked for once', async () => {
    const primus = new Primus()
    const client = new ActionheroWebsocketClient({ url: 'http://127.0.0.1:1' }, primus)
    client.actor('counter', 'before')
    client.on('connected', () => client.actor('counter', 'within'))
    client.connect()
    primus.up()
    assert.deepEqual(primus.take('actorConnect').map(({ actor }) => actor[1]), ['before', 'within'])
  })

  test('when no connection will come, what waits is rejected, and the next `connect` takes the seat again', async () => {
    const { client, primus } = await connected()
    const counter = client.actor('counter', 'a')
    primus.seat(7)
    primus.down()
    const waiting = assert.rejects(counter.call('one'), { code: 'connection_closed' })
    await client.disconnect()
    await waiting
    await assert.rejects(counter.call('two'), { code: 'not_connected' })
    await assert.rejects(client.actor('counter', 'b').call('three'), { code: 'not_connected' })
    assert.equal(counter.state, 'waiting')
    const again = client.connect()
    const four = counter.call('four')
    primus.up()
    await again
    assert.deepEqual(primus.take('actorConnect').map(frame => {
      primus.reply(frame, { status: 'OK', data: { seat: frame.messageId } })
      return frame.actor[1]
    }), ['a', 'b'])
    const [call] = primus.take('actorCall')
    assert.equal(call.name, 'four')
    primus.reply(call, { status: 'OK', data: 4 })
    assert.equal(await four, 4)
  })

  test('no attempt follows when it was left, or the connection goes', async () => {
    const { client, primus } = await connected()
    const refused = name => {
      const counter = client.actor('counter', name)
      for (const wait of [0, 1]) {
        mock.timers.tick(wait)
        primus.refuse(primus.take('actorConnect')[0], 'overloaded', { retry: true })
      }
      return counter
    }
    const set = mock.method(globalThis, 'setTimeout')
    const clear = mock.method(globalThis, 'clearTimeout')
    refused('a').leave()
    refused('b')
    primus.down()
    const cleared = clear.mock.calls.map(call => call.arguments[0])
    const left = set.mock.calls.filter(call => !cleared.includes(call.result))
    mock.restoreAll()
    assert.deepEqual([set.mock.callCount() > 0, left], [true, []])
    mock.timers.tick(60_000)
    assert.deepEqual(primus.take('actorConnect'), [])
  })

  test('an actor\'s parameters are its own: a messageId among them is no frame\'s', async () => {
    const { client, primus } = await connected()
    const seats = ['a', 'b'].map(key => client.actor('counter', key, { messageId: 7 }))
    const ids = primus.take('actorConnect').map((frame, nth) => {
      primus.reply(frame, { status: 'OK', data: { seat: 1 + nth } })
      return frame.messageId
    })
    assert.ok(!ids.includes(7) && ids[0] !== ids[1], `${ids}`)
    assert.deepEqual(seats.map(seat => seat.state), ['open', 'open'])
  })

  test('as many calls wait as may: the oldest goes', async () => {
    const { client } = await connected({ queueSize: 1 })
    const counter = client.actor('counter', 'a')
    const oldest = assert.rejects(counter.call('one'), { code: 'queue_full' })
    counter.call('two')
    await oldest
  })
})
