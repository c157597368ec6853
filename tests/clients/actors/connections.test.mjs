// Connections: their parameters and state, the hooks around them, who is in the room, and how one leaves.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { until } from '../lib/wait.mjs'

const NAMES = ['alice', 'jürgen', 'ünï ☃ 𝄞', 'a b&c=d%2F+,;"\'\\', 'x'.repeat(500)]

withEach(use => {
  const enter = (username, key) => use.room(username, key).connect()
  const lifecycle = connection => connection.call('getLifecycle')
  const people = async connection => (await connection.call('listConnections')).map(({ username }) => username)

  use.test('who am I', async () => {
    const alice = await enter('alice')
    const { connId, ...rest } = await alice.call('whoami')
    assert.deepEqual(rest, { username: 'alice', nickname: null })
    assert.match(connId, /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/)
  })

  use.test('parameters arrive whatever letters they have', async () => {
    for (const name of NAMES) {
      const someone = await enter(name)
      assert.equal((await someone.call('whoami')).username, name)
    }
  })

  use.test('parameters of a stateless call arrive too', async () => {
    // Headers have no letters beyond Latin-1.
    for (const name of NAMES.filter(name => !/[^\u0000-\u00ff]/.test(name))) {
      const { username, nickname } = await use.room(name).call('whoami')
      assert.deepEqual({ username, nickname }, { username: name, nickname: null })
    }
  })

  use.test('further parameters do no harm', async () => {
    const params = { username: 'alice', token: 'letmein', more: { list: [1, null] } }
    const alice = await use.client().getOrCreate('chatRoom', use.key(), { params }).connect()
    assert.equal((await alice.call('whoami')).username, 'alice')
  })

  use.test('an actor that wants no parameters takes any', async () => {
    for (const params of [{ a: 1 }, [1, 2], 'text', 0, false, null, undefined]) {
      const counter = use.counter({ params })
      const connection = await counter.connect()
      assert.equal(await connection.call('increment'), 1, JSON.stringify(params))
    }
  })

  use.test('state of a connection is its own', async () => {
    const key = use.key()
    const [alice, bob, other] = await Promise.all([enter('alice', key), enter('bob', key), enter('alice', key)])
    assert.equal(await alice.call('setNickname', 'al'), 'al')
    assert.equal((await alice.call('whoami')).nickname, 'al')
    for (const someone of [bob, other]) assert.equal((await someone.call('whoami')).nickname, null)
  })

  use.test('the list is in order of joining, with ids of their own', async () => {
    const key = use.key()
    const crowd = []
    for (const name of ['alice', 'bob', 'carol', 'bob']) {
      const someone = await enter(name, key)
      crowd.push({ id: (await someone.call('whoami')).connId, username: name, someone })
    }
    const listed = await crowd[0].someone.call('listConnections')
    assert.deepEqual(listed, crowd.map(({ id, username }) => ({ id, username })))
    assert.equal(new Set(listed.map(({ id }) => id)).size, 4)
  })

  use.test('a stateless call is a connection for as long as it lasts', async () => {
    const key = use.key()
    const alice = await enter('alice', key)
    const heard = { joined: alice.hear('joined'), left: alice.hear('left') }
    await alice.settled()
    const listed = await use.room('bob', key).call('listConnections')
    assert.deepEqual(listed.map(({ username }) => username), ['alice', 'bob'])
    await until('he has left', () => heard.left.length)
    assert.deepEqual([...heard.joined], [{ username: 'bob', connId: listed[1].id }])
    assert.deepEqual([...heard.left], [{ username: 'bob', connId: listed[1].id }])
    assert.deepEqual(await people(alice), ['alice'])
    assert.deepEqual(await lifecycle(alice), ['connect:alice', 'connect:bob', 'disconnect:bob'])
  })

  use.test('who comes and who goes is told to the others', async () => {
    const key = use.key()
    const alice = await enter('alice', key)
    const heard = { joined: alice.hear('joined'), left: alice.hear('left') }
    await alice.settled()
    const bob = await enter('bob', key)
    const { connId } = await bob.call('whoami')
    await until('he has joined', () => heard.joined.length)
    assert.deepEqual([...heard.joined], [{ username: 'bob', connId }])
    await bob.dispose()
    await until('he has left', () => heard.left.length)
    assert.deepEqual([...heard.left], [{ username: 'bob', connId }])
    assert.deepEqual(await people(alice), ['alice'])
  })

  use.test('exactly one disconnect follows each connect', async () => {
    const key = use.key()
    const alice = await enter('alice', key)
    await alice.settled()
    for (const name of ['bob', 'carol', 'dave']) {
      const someone = await enter(name, key)
      await someone.settled()
      await someone.dispose()
      await until(`${name} has gone`, async () => (await people(alice)).length === 1)
    }
    assert.deepEqual(await lifecycle(alice), [
      'connect:alice', 'connect:bob', 'disconnect:bob', 'connect:carol', 'disconnect:carol', 'connect:dave', 'disconnect:dave'
    ])
  })

  use.test('what was said is there for who comes later', async () => {
    const key = use.key()
    const alice = await enter('alice', key)
    const said = [await alice.call('sendMessage', 'one'), await alice.call('sendMessage', 'zwei ☃')]
    assert.deepEqual(said, [{ seq: 1, from: 'alice', text: 'one' }, { seq: 2, from: 'alice', text: 'zwei ☃' }])
    await alice.dispose()
    assert.deepEqual(await (await enter('bob', key)).call('getHistory'), said)
  })

  use.test('a message to one, by name and by id', async () => {
    const key = use.key()
    const [alice, bob, bobsOther] = await Promise.all([enter('alice', key), enter('bob', key), enter('bob', key)])
    const heard = [alice, bob, bobsOther].map(someone => someone.hear('directMessage'))
    await Promise.all([alice, bob, bobsOther].map(someone => someone.settled()))
    assert.equal(await alice.call('directMessage', 'bob', 'both of you'), 2)
    assert.equal(await alice.call('directMessage', (await bob.call('whoami')).connId, 'you'), 1)
    assert.equal(await alice.call('directMessage', 'nobody', 'hello?'), 0)
    await Promise.all([alice, bob, bobsOther].map(someone => someone.settled()))
    const from = 'alice'
    assert.deepEqual(heard.map(list => [...list]), [
      [], [{ from, text: 'both of you' }, { from, text: 'you' }], [{ from, text: 'both of you' }]
    ])
  })

  use.test('a message to oneself comes before the reply', async () => {
    const alice = await enter('alice')
    const order = []
    alice.on('directMessage', ({ text }) => order.push(text))
    await alice.settled()
    await alice.call('directMessage', 'alice', 'note').then(() => order.push('reply'))
    assert.deepEqual(order, ['note', 'reply'])
  })
})

withEach(use => {
  use.test('what becomes of a connection is told', async () => {
    const counter = await use.counter().connect()
    await counter.settled()
    assert.equal(counter.status, 'connected')
    await counter.dispose()
    assert.equal(counter.status, 'idle')
    assert.ok(counter.statuses.includes('connected'), counter.statuses.join(', '))
    assert.deepEqual(counter.errors, [])
  })
}, { takes: ({ family }) => family === 'rivetkit' })
