// Actors reached by verbs over ActionHero's websocket: with the stock client, which knows nothing of them and passes the
// frames on, and by hand where a program's own words count.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import WebSocket from 'ws'
import { connect, send } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { until, within } from '../lib/wait.mjs'

const demo = useDemo()
const key = () => randomUUID()

/** A stock client at an actor: its seat, what it does there, and what it hears. */
async function seated (actor, params) {
  const client = await connect(demo.url)
  const heard = []
  client.on('message', message => { if (message.context === 'actor') heard.push(message) })
  const { status, data } = await send(client, { event: 'actorConnect', actor, ...params && { params } })
  assert.equal(status, 'OK')
  const { seat } = data
  const verb = (event, more) => send(client, { event, seat, ...more })
  return { client, heard, seat, verb, call: (name, ...args) => verb('actorCall', { name, args }) }
}

const login = username => ({ username, token: 'letmein' })
const events = ({ heard }) => heard.map(({ event, args }) => [event, ...args])

describe('the stock client at actors', () => {
  test('calls are answered, and events are heard by who asked for them', async () => {
    const name = ['counter', key()]
    const [a, b] = [await seated(name), await seated(name)]
    for (const one of [a, b]) assert.equal((await one.verb('actorOn', { name: 'newCount' })).data, true)
    assert.equal((await a.call('increment', 2)).data, 2)
    assert.deepEqual(a.heard, [{ event: 'newCount', args: [2], context: 'actor', seat: a.seat }], 'before the reply')
    await until('the other heard it', () => b.heard.length === 1)
    await b.verb('actorOff', { name: 'newCount' })
    assert.equal((await b.call('increment')).data, 3)
    await until('the first heard it', () => a.heard.length === 2)
    assert.equal(b.heard.length, 1)
    assert.deepEqual((await b.verb('actorLeave')).data, true)
    assert.match((await b.call('getCount')).error, /^Error: this connection has no seat \d+: take one with `actorConnect`$/)
  })

  test('a key may have parts, and one client several seats', async () => {
    const part = key()
    const a = await seated(['counter', [part, 'x/y']])
    await a.call('increment', 5)
    const { data: { seat } } = await send(a.client, { event: 'actorConnect', actor: ['counter', part] })
    assert.equal((await send(a.client, { event: 'actorCall', seat, name: 'getCount' })).data, 0)
    assert.equal((await a.call('getCount')).data, 5)
  })

  test('calls begin in order, and one that waits holds nobody up', async () => {
    const a = await seated(['counter', key()])
    const slow = a.call('slow', 300).then(() => Date.now())
    const first = Promise.all(['a', 'b', 'c'].map(tag => a.call('append', tag)))
    const details = send(a.client, { event: 'detailsView' }).then(() => Date.now())
    assert.ok(await details < await slow)
    assert.deepEqual((await first).map(({ data }) => data), [1, 2, 3])
    assert.deepEqual((await a.call('getLog')).data, ['a', 'b', 'c'])
  })

  test('who may not sit down is told why, and the connection stays', async () => {
    const client = await connect(demo.url)
    const refused = async frame => (await send(client, { event: 'actorConnect', ...frame })).error
    assert.equal(await refused({ actor: ['chatRoom', key()] }), 'Error: username is required')
    assert.equal(await refused({ actor: ['chatRoom', key()], params: { username: 'a', token: 'no' } }), 'Error: bad token')
    assert.match(await refused({ actor: ['chatRoom', key()], params: 5 }), /parameters can't be read/)
    assert.match(await refused({ actor: ['nobody', key()] }), /nobody/)
    assert.match(await refused({}), /`actor` is required/)
    assert.match(await refused({ actor: 'counter' }), /`actor` .* must be a list/)
    assert.match(await refused({ actor: ['counter', 'x'.repeat(10_000)] }), /key/)
    assert.match(await refused({ actor: ['counter', 'a\0b'] }), /NUL/)
    assert.equal((await send(client, { event: 'detailsView' })).status, 'OK')
  })

  test('a hundred seats, and not one more', async () => {
    const client = await connect(demo.url)
    const take = () => send(client, { event: 'actorConnect', actor: ['counter', 'many'] })
    const taken = await Promise.all(Array.from({ length: 100 }, take))
    assert.equal(new Set(taken.map(({ data }) => data.seat)).size, 100)
    assert.match((await take()).error, /100 seats .*`actors.seats_per_connection`/)
    await send(client, { event: 'actorLeave', seat: taken[5].data.seat })
    assert.equal((await take()).status, 'OK')
  })

  test('who goes is gone from the actor at once, once', async () => {
    const name = ['chatRoom', key()]
    const a = await seated(name, login('ann'))
    await a.verb('actorOn', { name: 'joined' })
    await a.verb('actorOn', { name: 'left' })
    const b = await seated(name, login('bob'))
    const { data: { connId } } = await b.call('whoami')
    b.client.client.end()
    const news = username => [['joined', { username, connId }], ['left', { username, connId }]]
    await until('ann heard of it', () => a.heard.length >= 2)
    assert.deepEqual(events(a), news('bob'))
    assert.deepEqual((await a.call('listConnections')).data.map(({ username }) => username), ['ann'])
    assert.deepEqual((await a.call('getLifecycle')).data, ['connect:ann', 'connect:bob', 'disconnect:bob'])
  })

  test('who is sent out hears why', async () => {
    const name = ['chatRoom', key()]
    const [a, b] = [await seated(name, login('ann')), await seated(name, login('bob'))]
    assert.equal((await a.call('kick', 'bob', 'be nice')).data, 1)
    await until('bob heard of it', () => b.heard.length === 1)
    assert.deepEqual(b.heard, [{ seat: b.seat, closed: { code: 'disconnected', reason: 'be nice', retry: false }, context: 'actor' }])
    assert.match((await b.call('whoami')).error, /has no seat/)
  })

  test('a large answer comes whole, and a too large one is refused', async () => {
    const a = await seated(['counter', key()])
    assert.equal((await a.call('blob', 500_000)).data.length, 500_000)
    assert.match((await a.call('blob', 9 << 20)).error, /more than `actors.message_size` allows/)
    assert.equal((await a.call('getCount')).data, 0)
  })
})

describe('by hand', () => {
  /** A websocket that reads refusals by their codes, and what it is answered by messageId. */
  async function open (query = '?_playhouse=test') {
    const socket = new WebSocket(`ws://${demo.host}/primus${query}`)
    const replies = new Map()
    socket.on('message', text => {
      const message = JSON.parse(text)
      if (message.messageId) replies.set(message.messageId, message)
    })
    await within(5_000, 'the websocket is open', new Promise(resolve => socket.once('open', resolve)))
    let messageId = 0
    return async frame => {
      socket.send(JSON.stringify({ ...frame, messageId: ++messageId }))
      const mine = messageId
      await until(`an answer to ${frame.event}`, () => replies.has(mine))
      return replies.get(mine)
    }
  }

  test('an actor\'s refusal has its code, and what else it says', async () => {
    const ask = await open()
    const { data: { seat } } = await ask({ event: 'actorConnect', actor: ['counter', key()] })
    const fail = kind => ask({ event: 'actorCall', seat, name: 'fail', args: [kind] })
    const { error, code, fields, metadata } = await fail('user')
    assert.deepEqual({ error, code, fields, metadata },
      { error: 'Error: insufficient funds', code: 'insufficient_funds', fields: [], metadata: { needed: 5, have: 2 } })
    const fault = await fail('fault')
    assert.equal(fault.code, 'internal')
    assert.doesNotMatch(JSON.stringify(fault), /secret/)
    const other = await open('')
    const { data } = await other({ event: 'actorConnect', actor: ['counter', key()] })
    const plain = await other({ event: 'actorCall', seat: data.seat, name: 'fail', args: ['user'] })
    assert.deepEqual(Object.keys(plain), ['status', 'error', 'context', 'data', 'messageId'], 'others get what ActionHero sends')
  })

  test('each refusal has its code', async () => {
    const ask = await open()
    const { data: { seat } } = await ask({ event: 'actorConnect', actor: ['counter', key()] })
    for (const [frame, code] of [
      [{ event: 'actorConnect' }, 'missing_param'],
      [{ event: 'actorConnect', actor: {} }, 'invalid_param'],
      [{ event: 'actorConnect', actor: ['nobody'] }, 'unknown_actor'],
      [{ event: 'actorCall', seat }, 'missing_param'],
      [{ event: 'actorCall', seat, name: 'nope' }, 'unknown_action'],
      [{ event: 'actorCall', seat, name: 'increment', args: 1 }, 'invalid_param'],
      [{ event: 'actorCall', seat, name: 'increment', args: ['one'] }, 'invalid_param'],
      [{ event: 'actorCall', seat: 'x', name: 'increment' }, 'no_such_seat'],
      [{ event: 'actorOn', seat: 0, name: 'newCount' }, 'no_such_seat'],
      [{ event: 'actorLeave', seat: -1 }, 'no_such_seat'],
      [{ event: 'actorLeave' }, 'missing_param']
    ]) assert.equal((await ask(frame)).code, code, JSON.stringify(frame))
  })

  test('a number of another connection\'s seat is nobody\'s', async () => {
    const [mine, other] = [await open(), await open()]
    const { data: { seat } } = await mine({ event: 'actorConnect', actor: ['counter', key()] })
    await other({ event: 'actorConnect', actor: ['counter', key()] })
    assert.equal((await other({ event: 'actorCall', seat, name: 'increment' })).code, 'no_such_seat')
  })
})
