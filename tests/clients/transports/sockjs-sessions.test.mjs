// The life of a session of SockJS by hand: one who receives at a time, and what becomes of it when he is gone.

import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { SockjsPoll, begin, dropRequests, messages } from '../lib/transports/polls.mjs'
import { startDemo } from '../lib/demo.mjs'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'
import { ours } from '../lib/transports/upstream.mjs'
import { until, within } from '../lib/wait.mjs'

const DISCONNECT = 1_000
const demo = useStage({ PLAYHOUSE_SOCKJS__DISCONNECT_DELAY: String(DISCONNECT) })
afterEach(dropRequests)

const BUSY = 'c[2010,"Another connection still open"]'
const LOST = 'c[1002,"Connection interrupted"]'
const VIEW = { event: 'detailsView', messageId: 'view' }

/** A session in a room of its own, with somebody who tells when it has left. */
async function watched () {
  const [session, witness] = [await SockjsPoll.welcomed(demo), await sit(SUBJECTS[0], demo)]
  const room = await roomOf(witness)
  await session.say({ event: 'roomAdd', room, messageId: 'join' })
  assert.equal(messages(await session.poll())[0].status, 'OK')
  const left = ms => until('it has left the room', async () => (await witness.members(room)).length === 1, ms)
  return { session, witness, room, left }
}

describe('what a browser sends again by itself', () => {
  const ask = async (session, what, turn, body) => {
    const reply = begin(demo, 'POST', `${session.url}/${what}?_turn=${turn}`, { body })
    return [(await reply.head).statusCode, await reply.end()]
  }
  const view = messageId => JSON.stringify([JSON.stringify({ ...VIEW, messageId })])

  test('messages are taken once', async () => {
    const session = await SockjsPoll.welcomed(demo)
    for (const [turn, id] of [[1, 'a'], [1, 'a again'], [2, 'b'], [1, 'a, late'], [3, 'c']]) {
      assert.equal((await ask(session, 'xhr_send', turn, view(id)))[0], 204)
    }
    assert.equal(await session.say({ ...VIEW, messageId: 'without' }), 204)
    const seen = []
    while (seen.at(-1) !== 'without') seen.push(...messages(await session.poll()).map(({ messageId }) => messageId))
    assert.deepEqual(seen, ['a', 'b', 'c', 'without'])
  })

  test('a poll that was answered may have taken messages along: nobody goes on as if nothing were missing', async () => {
    const { session, left } = await watched()
    await session.say(VIEW)
    const [, first] = await ask(session, 'xhr', 5)
    assert.equal(messages(first)[0].messageId, 'view')
    assert.deepEqual(await ask(session, 'xhr', 5), [200, `${LOST}\n`])
    await left(DISCONNECT / 2)
  })
})

describe('who receives', () => {
  test('the open frame ends the first poll, the welcome comes with the second, then nothing until there is something', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const poll = session.receive()
    assert.equal(await session.say(VIEW), 204)
    const text = await poll.end()
    assert.match(text, /^a\[.*\]\n$/)
    assert.equal(messages(text)[0].messageId, 'view')
  })

  test('several messages that wait come in one frame, in order', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const ids = Array.from({ length: 20 }, (_, n) => `v${n}`)
    assert.equal(await session.send(...ids.map(messageId => JSON.stringify({ ...VIEW, messageId }))), 204)
    const seen = []
    while (seen.length < ids.length) seen.push(...messages(await session.poll()))
    assert.deepEqual(seen.map(({ messageId }) => messageId), ids)
  })

  test('a second one is told that there is one, and the first goes on', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const first = session.receive('xhr_streaming')
    await first.head
    await first.when('the prelude', text => text.length >= 2_049)
    for (const transport of ['xhr', 'xhr_streaming', 'eventsource']) {
      const text = await session.receive(transport).end()
      assert.ok(text.includes(BUSY), `${transport}: ${text.slice(-100)}`)
    }
    assert.equal(await session.say(VIEW), 204)
    await first.when('the reply', text => text.includes('view'))
    first.drop()
  })

  test('a stream ends when it is long enough, and the next goes on where it ended', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const p = 'x'.repeat(20_000)
    const stream = session.receive('xhr_streaming')
    await stream.head
    for (let n = 0; n < 10; n++) {
      await session.say({ event: 'action', params: { action: 'echo', p }, messageId: `${n}` })
      await until('its reply is there', () => stream.text.includes(`"messageId\\":\\"${n}\\"`) || stream.done)
      if (stream.done) break
    }
    const text = await stream.end()
    assert.ok(text.length > 128 * 1_024 && text.length < 128 * 1_024 + 45_000, `${text.length}`)
    const before = text.split('\n').slice(1, -1).flatMap(messages).map(({ messageId }) => messageId)
    const after = session.receive('xhr_streaming')
    await session.say({ ...VIEW, messageId: 'last' })
    await after.when('the last reply', rest => rest.includes('last'))
    const rest = after.text.split('\n').slice(1, -1).flatMap(messages).map(({ messageId }) => messageId)
    const all = [...before, ...rest]
    assert.deepEqual(all, [...Array.from({ length: all.length - 1 }, (_, n) => `${n}`), 'last'])
    after.drop()
  })

  test('transports may change in the middle', async () => {
    const session = await SockjsPoll.welcomed(demo)
    for (const [method, transport] of [['GET', 'jsonp?c=x'], ['POST', 'xhr'], ['GET', 'eventsource']]) {
      const messageId = `by ${transport}`
      await session.say({ ...VIEW, messageId })
      const reply = begin(demo, method, `${session.url}/${transport}`)
      await reply.when(`the reply ${messageId}`, text => text.includes(messageId))
      reply.drop()
    }
  })
})

describe('who sends', () => {
  test('sends that overlap are read in the order in which they came', async () => {
    const session = await SockjsPoll.welcomed(demo)
    const bodies = Array.from({ length: 30 }, (_, n) => JSON.stringify([JSON.stringify({ ...VIEW, messageId: `${n}` })]))
    const answers = []
    for (const body of bodies) {
      const answer = begin(demo, 'POST', `${session.url}/xhr_send`, { body })
      answers.push(answer)
      // The next begins when this has come, whether it is answered or not.
      await new Promise(resolve => answer.request.on('finish', resolve))
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    for (const answer of answers) assert.equal((await answer.head).statusCode, 204)
    const seen = []
    while (seen.length < bodies.length) seen.push(...messages(await session.poll()))
    assert.deepEqual(seen.map(({ messageId }) => messageId), bodies.map((_, n) => `${n}`))
  })
})

describe('who is gone', () => {
  test('who drops the poll has left at once', async () => {
    const { session, left } = await watched()
    const poll = session.receive()
    await session.say(VIEW)
    await poll.end()
    const waiting = session.receive('xhr_streaming')
    await waiting.when('the prelude', text => text.length >= 2_049)
    waiting.drop()
    await left(DISCONNECT / 2)
  })

  test('its name is not taken again by a late poll', ours('it opens a new session'), async () => {
    const { session, left } = await watched()
    const stream = session.receive('xhr_streaming')
    await stream.when('the prelude', text => text.length >= 2_049)
    stream.drop()
    await left(DISCONNECT / 2)
    assert.equal(await session.poll(), LOST)
    assert.equal(await session.say(VIEW), 404)
    assert.equal(await session.poll(), LOST, 'again')
  })

  test('who polls no more has left after the delay, and its name stays taken', ours('it opens a new session'), async () => {
    const { session, left } = await watched()
    await left(3 * DISCONNECT)
    assert.equal(await session.say(VIEW), 404)
    assert.equal(await session.poll(), LOST)
  })

  test('who was ended by the server is told so, as often as it asks', async () => {
    const { session, left } = await watched()
    await session.send(JSON.stringify(VIEW), JSON.stringify({ event: 'quit' }))
    await left(DISCONNECT)
    assert.equal(messages(await session.poll())[0].messageId, 'view')
    for (let n = 0; n < 3; n++) assert.equal(await session.poll(), 'c[1000,"Normal closure"]')
    assert.ok([204, 404].includes(await session.say(VIEW)))
  })

  test('a session of one mount is none of the other', ours('its table is one for all'), async () => {
    const session = await SockjsPoll.welcomed(demo)
    const answer = begin(demo, 'POST', session.url.replace('/sockjs', '/primus') + '/xhr_send', { body: '[]' })
    assert.equal((await answer.head).statusCode, 404)
    assert.equal(await session.send(), 204)
  })
})

test('a server that stops tells a poll and a stream so, and waits for neither', ours('it just stops'), async () => {
  const stopping = await startDemo()
  const [poll, stream] = [await SockjsPoll.welcomed(stopping), await SockjsPoll.welcomed(stopping)]
  const [waits, streams] = [poll.receive(), stream.receive('xhr_streaming')]
  await streams.when('the prelude', text => text.length >= 2_049)
  assert.equal(await poll.send(), 204)
  stopping.child.kill('SIGTERM')
  assert.equal(await waits.end(), 'c[1001,"Going away"]\n')
  assert.ok((await streams.end()).endsWith('\nc[1001,"Going away"]\n'))
  assert.deepEqual(await within(5_000, 'the process ends', stopping.exit), { code: 0, signal: null })
})
