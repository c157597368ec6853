// Reminders: not before their time, not long after it, in order, once, and although who asked has gone.

import assert from 'node:assert/strict'
import { byHand, withEach } from '../lib/actors/each.mjs'
import { idOf } from '../lib/actors/management.mjs'
import { until } from '../lib/wait.mjs'

withEach(use => {
  use.test('a reminder comes at its time, once', async () => {
    const key = use.key()
    const alice = await use.room('alice', key).connect()
    const heard = []
    alice.on('reminder', reminder => heard.push({ ...reminder, after: performance.now() - before }))
    await alice.settled()
    const before = performance.now()
    assert.equal(await alice.call('remindMe', 400, 'tea'), true)
    await until('it has come', () => heard.length)
    const [{ after, ...reminder }] = heard
    assert.deepEqual(reminder, { username: 'alice', text: 'tea' })
    assert.ok(after >= 380 && after <= 1_600, `${after} ms`)
    await alice.call('remindMe', 100, 'milk')
    await until('the next has come', () => heard.length > 1)
    assert.deepEqual(heard.map(({ text }) => text), ['tea', 'milk'])
  })

  use.test('earlier times come first, whatever was asked first', async () => {
    const alice = await use.room('alice').connect()
    const heard = alice.hear('reminder')
    await alice.settled()
    const wanted = [[450, 'third'], [150, 'first'], [300, 'second']]
    await Promise.all(wanted.map(([ms, text]) => alice.call('remindMe', ms, text)))
    await until('all have come', () => heard.length === 3)
    assert.deepEqual(heard.map(({ text }) => text), ['first', 'second', 'third'])
  })

  use.test('it comes although who asked has gone', async () => {
    const key = use.key()
    const bob = await use.room('bob', key).connect()
    const heard = bob.hear('reminder')
    await bob.settled()
    await use.room('alice', key).call('remindMe', 150, 'for whoever is here')
    await until('it has come', () => heard.length)
    assert.deepEqual([...heard], [{ username: 'alice', text: 'for whoever is here' }])
  })
})

withEach(use => {
  use.test('firing one is an action like any other', async () => {
    const alice = await use.room('alice').connect()
    const heard = alice.hear('reminder')
    await alice.settled()
    assert.equal(await alice.call('fireReminder', 'bob', 'now') ?? null, null)
    await until('it has come', () => heard.length)
    assert.deepEqual([...heard], [{ username: 'bob', text: 'now' }])
  })
}, { takes: ({ family }) => family === 'rivetkit' })

byHand('rivetkit', use => {
  use.test('it is late by milliseconds, and never early', async t => {
    const id = await idOf(use.server, 'chatRoom', use.key()[0])
    const seat = await use.seat(`/gateway/${id}/connect`, { params: { username: 'alice', token: 'letmein' } })
    assert.equal((await seat.next()).tag, 'Init')
    seat.subscribe('reminder')
    const late = []
    for (let n = 0; n < 20; n++) {
      const ms = 40 + 3 * n
      const rung = new Promise(resolve => {
        seat.socket.on('message', function look (data) {
          if (seat.codec.decode(data).tag !== 'Event') return
          seat.socket.off('message', look)
          resolve(performance.now())
        })
      })
      const asked = performance.now()
      seat.send({ tag: 'ActionRequest', id: n, name: 'remindMe', args: [ms, 'tea'] })
      late.push(await rung - asked - ms)
    }
    late.sort((a, b) => a - b)
    t.diagnostic(`late by ${late[10].toFixed(1)} ms, at most ${late.at(-1).toFixed(1)} ms, the way there and back counted`)
    // Its time is a whole number of milliseconds.
    assert.ok(late[0] > -1, `early by ${-late[0]} ms`)
    assert.ok(late[10] < 100, `half of them were late by ${late[10]} ms`)
    assert.ok(late.at(-1) < 400, `one was late by ${late.at(-1)} ms`)
  })
})
