// What happens at the same time as an upgrade. The numbers are those of the protocol document.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { Wire } from '../lib/raw.mjs'
import { ROOM, Watcher, member, saying } from '../lib/transports/engine-room.mjs'
import {
  SEPARATOR, arrived, askOn, connected, frameIn, frameOn, head, message, packets, reading
} from '../lib/transports/engine.mjs'
import { within } from '../lib/wait.mjs'

const CLOSE_TIMEOUT = 1_000
const demo = useDemo({ PLAYHOUSE_ENGINEIO__CLOSE_TIMEOUT: String(CLOSE_TIMEOUT) })
const MIB = 1_048_576
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

const view = messageId => ({ event: 'detailsView', messageId })
const quit = { event: 'quit' }

test('R1: a message between probe and upgrade goes out on the GET that asks for it, once', async () => {
  const session = await member(demo)
  const raw = await session.probed()
  await watcher.say('R1')
  assert.equal(frameIn((await session.poll()).join()).message, 'R1')
  raw.send('5')
  assert.equal((await askOn(raw, view(1))).messageId, 1, 'and not on the websocket as well')
  raw.destroy()
})

test('R1: a GET that waits at the probe is released once, with the message or before it', async () => {
  const session = await member(demo)
  const { answer } = await session.waiting()
  const raw = await session.candidate()
  raw.send('2probe')
  const said = watcher.say('R1 at once')
  const got = session.taken(await answer)
  assert.equal(await raw.next(), '3probe')
  await said
  raw.send('5')
  const before = got.filter(packet => packet !== '6').map(packet => frameIn(packet).message)
  raw.send(message(view('end')))
  const behind = []
  for (let frame = await frameOn(raw); frame.messageId !== 'end'; frame = await frameOn(raw)) behind.push(frame.message)
  assert.deepEqual([...before, ...behind], ['R1 at once'])
  raw.destroy()
})

test('R2: a message that no GET took is the first thing on the websocket', async () => {
  const session = await member(demo)
  const raw = await session.probed()
  for (let n = 0; n < 5; n++) await watcher.say(`R2 ${n}`)
  assert.deepEqual(raw.texts, [], 'nothing before the upgrade')
  raw.send('5')
  for (let n = 0; n < 5; n++) assert.equal((await frameOn(raw)).message, `R2 ${n}`)
  raw.destroy()
})

test('R3: a POST while upgrading is handled', async () => {
  const session = await member(demo)
  const raw = await session.candidate()
  await session.send(saying('R3 before the probe'))
  raw.send('2probe')
  assert.equal(await raw.next(), '3probe')
  await session.send(saying('R3 after the probe'))
  await watcher.hears('R3 after the probe')
  assert.ok(watcher.heard().includes('R3 before the probe'))
  raw.destroy()
})

test('R4: what was posted comes before what the websocket brings, also when the POST ends last', async () => {
  for (let round = 0; round < 5; round++) {
    const session = await member(demo)
    const raw = await session.probed()
    const body = [message(saying(`R4 ${round} a`, 1)), message(saying(`R4 ${round} b`, 2))].join(SEPARATOR)
    const post = new Wire(demo)
    post.write(Buffer.concat([head(demo, 'POST', session.url(), { 'Content-Length': body.length }), Buffer.from(body.slice(0, -3))]))
    await arrived(demo, post)
    raw.send('5')
    raw.send(message(saying(`R4 ${round} c`, 3)))
    await arrived(demo, raw)
    post.write(body.slice(-3))
    assert.equal((await reading(post)).body, 'ok')
    await watcher.hears(`R4 ${round} c`)
    assert.deepEqual(watcher.heard().filter(text => text.startsWith(`R4 ${round}`)), ['a', 'b', 'c'].map(what => `R4 ${round} ${what}`))
    for (const wire of [raw, post]) wire.destroy()
  }
})

test('R5: an answer that is being written is written to its end, the websocket goes on behind it', async () => {
  const session = await member(demo)
  const large = 'x'.repeat(9 * MIB)
  await watcher.say(large, 10_000)
  const get = session.get()
  get.wire.socket.pause()
  const raw = await session.probed()
  raw.send('5')
  assert.equal((await askOn(raw, view('switched'))).messageId, 'switched')
  await watcher.say('R5 behind it')
  assert.equal((await frameOn(raw)).message, 'R5 behind it')
  get.wire.socket.resume()
  assert.equal(frameIn((await get.answer).body).message.length, large.length)
  assert.equal((await askOn(raw, view('alive'))).messageId, 'alive')
  raw.destroy()
})

test('R6: the noop is bound to its GET and never comes on the websocket', async () => {
  for (let round = 0; round < 20; round++) {
    const session = await connected(demo)
    const { wire, answer } = session.get()
    const raw = await session.candidate({ first: round % 2 ? ['2probe', '5'] : ['2probe'] })
    assert.equal(await raw.next(), '3probe')
    if (round % 2 === 0) raw.send('5')
    const { status, body } = await answer
    assert.ok(body === '6' || status === 400, body)
    assert.equal((await askOn(raw, view(round + 1))).messageId, round + 1)
    assert.deepEqual(raw.texts, [])
    for (const used of [raw, wire]) used.destroy()
  }
})

test('R7: a session that ends while it upgrades: its queue and its end come on the websocket', async () => {
  const session = await member(demo)
  const raw = await session.probed()
  await session.send(view('last words'), quit)
  raw.send('5')
  assert.equal((await frameOn(raw)).messageId, 'last words')
  assert.equal(await raw.closed(CLOSE_TIMEOUT / 2), 1000)
  assert.deepEqual(raw.texts, [], 'no close packet on a websocket')
  await session.forgotten()
  await watcher.misses(session.id)
})

test('R7: without the upgrade it ends on polling after the time of a close, and the candidate with it', async () => {
  for (const open of ['candidate', 'probed']) {
    const session = await member(demo)
    const raw = await session[open]()
    await session.send(view('last words'), quit)
    const got = []
    await within(CLOSE_TIMEOUT + 3_000, 'the end', (async () => {
      while (got.at(-1) !== '1') {
        const { status, body } = await session.get().answer
        if (status !== 200) break
        got.push(...packets(body))
      }
    })())
    assert.equal(got.filter(packet => packet.includes('last words')).length, 1)
    await raw.closed()
    assert.deepEqual(raw.texts, [])
    await session.forgotten()
    await watcher.misses(session.id)
  }
})

test('R10: a session that closes takes its candidate along', async () => {
  for (const [what, end] of [
    ['a close packet', async session => assert.equal((await session.post('1').answer).body, 'ok')],
    ['a broken payload', session => session.post('nonsense').answer],
    ['a dropped GET', async session => (await session.waiting()).wire.destroy()]
  ]) {
    const session = await member(demo)
    const raw = await session.candidate()
    await end(session)
    await raw.closed()
    await watcher.misses(session.id)
    assert.deepEqual(await session.refused(), [400, 1, 'Session ID unknown'], what)
  }
})

test('R10: a close packet after the probe, as Primus sends it when it ends just then', async () => {
  const session = await member(demo)
  const raw = await session.probed()
  raw.send('1')
  await raw.closed()
  assert.equal((await session.post([message(saying('R10 before the end')), '1']).answer).body, 'ok')
  await watcher.hears('R10 before the end')
  await watcher.misses(session.id)
  await session.forgotten()
})

test('R11: a websocket that dies right behind the upgrade ends the session', async () => {
  for (const how of ['destroy', 'end', 'resetAndDestroy']) {
    const session = await member(demo)
    const raw = await session.probed()
    await new Promise(resolve => { raw.send('5'); raw.socket.write('', resolve) })
    if (how === 'resetAndDestroy') await arrived(demo, raw)
    raw.socket[how]()
    await watcher.misses(session.id)
    await session.forgotten()
  }
})

test('R14: ten clients, 200 messages each way during the upgrade: nothing lost, doubled or reordered', { timeout: 60_000 }, async () => {
  const COUNT = 200
  const numbers = Array.from({ length: COUNT }, (_, n) => n)
  const speaker = await member(demo)
  const clients = await Promise.all(Array.from({ length: 10 }, () => member(demo)))
  const runs = clients.map((session, index) => whileUpgrading(session, 5 + 15 * index, COUNT))
  for (const n of numbers) {
    await watcher.say(`R14 ${n}`)
  }
  for (const { replies, heard } of await Promise.all(runs)) {
    assert.deepEqual(replies, numbers)
    assert.deepEqual(heard.slice(0, COUNT), numbers)
    assert.equal(heard.length, COUNT)
  }
  assert.ok(await watcher.isMember(speaker.id), `the one in ${ROOM} who only polls is there as well`)
})

/** A client that asks `count` times and listens as often, and upgrades when it has asked `when` times. */
async function whileUpgrading (session, when, count) {
  const seen = { replies: [], heard: [] }
  const take = packet => {
    if (packet === '6') return
    const frame = frameIn(packet)
    if (frame.context === 'user' && frame.message.startsWith('R14 ')) seen.heard.push(Number(frame.message.slice(4)))
    if (frame.context === 'response') seen.replies.push(frame.messageId - 1)
  }
  let polling = true
  const polls = (async () => { while (polling) (await session.poll()).forEach(take) })()
  let asked = 0
  while (asked < when) await session.send(view(++asked))
  const raw = await session.candidate()
  raw.send('2probe')
  const probed = raw.next().then(text => { polling = false; assert.equal(text, '3probe') })
  for (let n = 0; n < 10; n++) await session.send(view(++asked))
  await probed
  await polls
  raw.send('5')
  while (asked < count) raw.send(message(view(++asked)))
  while (seen.replies.length < count || seen.heard.length < count) take(await raw.next(20_000))
  raw.destroy()
  return seen
}
