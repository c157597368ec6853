// socket.io's client of version 4 is cut off and comes back: it is who it was, where it was, and has missed nothing.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RETURNING, clientOf, guest, roomOf, useTable } from '../lib/transports/socketio.mjs'
import { until } from '../lib/wait.mjs'

const demo = useTable()

/** One that may be cut off, and one who stays, in a room of theirs. */
async function couple (client, options) {
  const [one, other] = await Promise.all([guest(client, demo, { proxied: true, ...options }), guest(clientOf(4, 'websocket'), demo)])
  const room = await roomOf(other, one)
  await one.settled()
  return { one, other, room }
}

/** Resolves when the server has noticed that it has gone. */
const absent = (other, room, id) => until('the server knows', async () => (await other.members(room))[id]?.absent === true, 5_000)

const series = (name, count) => Array.from({ length: count }, (_, n) => `${name} ${n}`)

async function sayAll (speaker, room, texts) {
  await Promise.all(texts.map(text => speaker.say(room, text)))
}

for (const client of RETURNING) {
  describe(client.name, () => {
    test('every event ends with an offset, and no two are alike', async () => {
      const { one, other, room } = await couple(client)
      await sayAll(other, room, series('text', 20))
      await sayAll(one, room, series('own', 5))
      one.socket.send({ event: 'detailsView', messageId: 'a' })
      await one.responses.next()
      await one.heard.take(25)
      assert.equal(one.events.length, 27)
      for (const [name, ...args] of one.events) {
        assert.equal(args.length, 2, name)
        assert.ok(typeof args[1] === 'string' && args[1] !== '', name)
      }
      assert.equal(new Set(one.offsets).size, one.offsets.length)
      const replies = await one.acked('detailsView')
      assert.equal(replies.length, 1, 'acks have none')
    })

    test('what was said meanwhile is heard once, in order, then what is said now', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      await other.say(room, 'before')
      assert.deepEqual(await one.hears(1), ['before'])
      const reason = await one.away()
      assert.match(reason, /^transport (close|error)$/)
      const missed = series('missed', 50)
      await sayAll(other, room, missed)
      assert.equal((await other.members(room))[id]?.absent, true)
      assert.deepEqual(await one.back(), { id, recovered: true })
      await sayAll(other, room, series('live', 10))
      assert.deepEqual(await one.hears(60), [...missed, ...series('live', 10)])
      assert.equal((await one.details()).id, id)
      assert.deepEqual((await one.details()).rooms, [room], 'its rooms are kept')
      assert.ok(!(await other.members(room))[id].absent)
      await one.say(room, 'here I am')
      const { from } = (await other.heard.take(62)).at(-1)
      assert.equal(from, id)
      await one.hears(1)
      await one.quiet()
    })

    test('again and again, also when nothing was said in between', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      for (let round = 0; round < 5; round++) {
        await one.away()
        const missed = series(`round ${round}`, round === 2 ? 0 : 5)
        await sayAll(other, room, missed)
        assert.deepEqual(await one.back(), { id, recovered: true }, `round ${round}`)
        assert.deepEqual(await one.hears(missed.length), missed)
        await one.quiet()
      }
      await other.say(room, 'the end')
      assert.deepEqual(await one.hears(1), ['the end'])
      await one.quiet()
    })

    test('and at once again, right after what was missed has come', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      await one.away()
      await sayAll(other, room, series('first', 30))
      one.heard.push = function (item) {
        Object.getPrototypeOf(this).push.call(this, item)
        // In the middle of it, where that can be. On polling all has come, and there may be nothing to cut.
        if (one.transport() === 'websocket' && item.message === 'first 19') one.proxy.cut()
        if (one.transport() === 'polling' && item.message === 'first 29') one.socket.io.engine.close()
      }
      assert.deepEqual(await one.back(), { id, recovered: true })
      assert.deepEqual(await one.connects.next(), { id, recovered: true }, 'the second time')
      assert.deepEqual(await one.hears(30), series('first', 30))
      await one.quiet()
    })

    test('faster than the server notices', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      for (let round = 0; round < 5; round++) {
        // The server's side of the old connection stays open and says nothing.
        const lost = one.vanish()
        await sayAll(other, room, series(`round ${round}`, 3))
        await lost
        assert.deepEqual(await one.connects.next(), { id, recovered: true }, `round ${round}`)
        assert.deepEqual(await one.hears(3), series(`round ${round}`, 3))
        await one.quiet()
      }
    })

    test('while others talk all the time', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      const wanted = series('text', 400)
      let cuts = 0
      for (const [n, text] of wanted.entries()) {
        await other.say(room, text)
        if (n % 80 !== 40) continue
        // Between two polls there is nothing to cut.
        await until('it has a connection', () => one.proxy.pairs.size > 0)
        one.proxy.cut()
        cuts += 1
      }
      const heard = await one.hears(wanted.length)
      assert.deepEqual(heard, wanted)
      const came = one.connects.items.splice(0)
      assert.ok(came.length >= 1 && came.length <= cuts, `${cuts} cuts: ${JSON.stringify(came)}`)
      assert.ok(came.every(connect => connect.id === id && connect.recovered), JSON.stringify(came))
      await one.quiet()
    })

    test('after it was noticed, and with what it wrote meanwhile', async () => {
      const { one, other, room } = await couple(client)
      const { id } = one
      await one.away()
      await absent(other, room, id)
      const said = series('written', 5).map(text => one.say(room, text))
      assert.deepEqual(await one.back(), { id, recovered: true })
      await Promise.all(said)
      assert.deepEqual(await other.hears(5), series('written', 5))
      assert.deepEqual(await one.hears(5), series('written', 5))
    })

    test('what was said without need of an answer ends with an offset too', async () => {
      const { one, other, room } = await couple(client)
      // The last argument but for the offset is a text here and must not be taken for one.
      for (const message of ['looks-7', { deep: 'x' }, ['x'], '']) if (message !== '') await other.say(room, message)
      assert.deepEqual(await one.hears(3), ['looks-7', { deep: 'x' }, ['x']])
      const { id } = one
      await one.away()
      await other.say(room, 'missed')
      assert.deepEqual(await one.back(), { id, recovered: true })
      assert.deepEqual(await one.hears(1), ['missed'])
      await one.quiet()
    })
  })
}

test('a question is asked again with the same id and is answered as before', async () => {
  const { one, other } = await couple(clientOf(4, 'websocket'), { retries: 5, ackTimeout: 10_000 })
  const { id } = one
  const name = `made once, ${process.pid}`
  // The question arrives; the answer does not.
  for (const { far } of one.proxy.pairs) far.pause()
  const asked = one.ask('createChatRoom', { name, messageId: 'once' })
  await until('the room is there', async () => (await other.ask('roomAdd', name)).status === 'OK')
  one.proxy.cut()
  assert.deepEqual(await one.connects.next(), { id, recovered: true })
  assert.deepEqual(await asked, { name, didCreate: true, context: 'response' }, 'what was done is not done again')
})

test('a verb is done once, too: a message is not said twice, and a room that was entered is entered', async () => {
  const { one, other, room } = await couple(clientOf(4, 'websocket'), { retries: 5, ackTimeout: 10_000 })
  const fresh = `entered once, ${process.pid}`
  await other.ask('createChatRoom', { name: fresh })
  await other.join(fresh)
  const asked = {}
  for (const [name, args] of [['say', { room, message: 'once', messageId: 1 }], ['roomAdd', { room: fresh, messageId: 2 }], ['roomLeave', { room, messageId: 1 }]]) {
    for (const { far } of one.proxy.pairs) far.pause()
    asked[name] = one.ask(name, args)
    if (name === 'say') assert.deepEqual(await other.hears(1), ['once'])
    else await until(`${name} is done`, async () => (one.id in await other.members(args.room)) === (name === 'roomAdd'))
    one.proxy.cut()
    assert.equal((await one.connects.next()).recovered, true)
    const { status, data } = await asked[name]
    assert.deepEqual([status, data], ['OK', name === 'say' ? undefined : true])
  }
  // Without a link in between it is the same, and each is asked of its own kind.
  assert.equal((await one.ask('roomAdd', { room: fresh, messageId: 2 })).status, 'OK')
  assert.notEqual((await one.ask('roomAdd', { room: fresh, messageId: 3 })).status, 'OK')
  await other.quiet()
})

for (const how of ['websocket', 'polling', 'upgrading']) {
  test(`version 3, ${how}, knows nothing of it: it comes back as another`, async () => {
    const { one, other, room } = await couple(clientOf(3, how))
    const { id } = one
    await one.away()
    await other.say(room, 'missed')
    const { id: now } = await one.back()
    assert.notEqual(now, id)
    assert.ok((await one.welcomes.next()).welcome)
    assert.deepEqual((await one.details()).rooms, [])
    assert.equal((await other.members(room))[id]?.absent, true, 'who it was is waited for')
    await one.join(room)
    await other.say(room, 'again')
    assert.deepEqual(await one.hears(1), ['again'])
    await one.quiet()
  })
}
