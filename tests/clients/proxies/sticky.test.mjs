// Two nodes behind one proxy. Every request of a session must reach the node that has it: by the client's address, by a
// cookie of the proxy, or by the one that the node sets, as docs/proxies.md has it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { Haproxy, KINDS } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { openEngine } from '../lib/transports/plain.mjs'
import { begin } from '../lib/transports/polls.mjs'
import { sit, useStage } from '../lib/transports/seat.mjs'

const COOKIE = 'node'
const demo = useStage({ PLAYHOUSE_ENGINEIO__COOKIE: COOKIE })
const other = useDemo({ PLAYHOUSE_ENGINEIO__COOKIE: COOKIE })

/** A proxy in front of both for one test, with the block of the document that has this text. */
async function between (kind, part, act) {
  const front = await kind.before([demo, other], [], part)
  try {
    await act(front)
  } finally {
    await front.stop()
  }
}

const BY_ADDRESS = { nginx: 'hash $remote_addr', haproxy: 'balance source' }
const BY_COOKIE = { 'its own cookie': 'cookie NODE', "the node's cookie": `req.cook(${COOKIE})` }

/** A client with cookies, as browsers have them. */
function browserlike (how, transports, transport) {
  const options = { transports, withCredentials: true }
  return {
    name: `engine.io-client 6 with cookies, ${how}`,
    open: (url, tell) => openEngine({ version: 6, options }, url, tell),
    transport,
    upgrades: transports.length > 1
  }
}

async function stays (subject, front) {
  const seat = await sit(subject, front)
  await seat.settled()
  const id = await seat.id()
  for (let n = 0; n < 10; n++) assert.equal(await seat.id(), id)
  assert.deepEqual([seat.failures, seat.losses.length, seat.isClosed], [[], 0, false])
  await seat.end()
}

for (const kind of KINDS) {
  test(`${kind.program}: by their addresses all stay where they are`, () => between(kind, BY_ADDRESS[kind.program], async front => {
    for (const subject of GUESTS) await stays(subject, front)
  }))

  test(`${kind.program}: websockets stay where they are anyhow`, () => between(kind, undefined, async front => {
    for (const subject of GUESTS.filter(({ transport, upgrades }) => transport === 'websocket' && !upgrades)) {
      for (let n = 0; n < 4; n++) await stays(subject, front)
    }
  }))

  test(`${kind.program}: without any of it, a request reaches who does not know the session`, () => between(kind, undefined, async front => {
    const first = begin(front, 'GET', '/engine.io/?EIO=4&transport=polling')
    const { sid } = JSON.parse(/\{.*?\}/.exec(await first.end())[0])
    const answers = []
    for (let n = 0; n < 2; n++) {
      // The one who knows it closes it.
      const reply = begin(front, 'POST', `/engine.io/?EIO=4&transport=polling&sid=${sid}`, { body: '1' })
      answers.push(await reply.end())
    }
    assert.deepEqual(answers.sort(), ['ok', '{"code":1,"message":"Session ID unknown"}'])
  }))
}

for (const [what, part] of Object.entries(BY_COOKIE)) {
  for (const [how, transports, transport] of [
    ['polling', ['polling'], 'polling'],
    ['upgrading', ['polling', 'websocket'], 'websocket']
  ]) {
    test(`haproxy: by ${what} clients stay where they are, ${how}`, () => between(Haproxy, part, async front => {
      for (let n = 0; n < 6; n++) await stays(browserlike(how, transports, transport), front)
    }))
  }
}

test('a node names itself in its cookie, to all sessions the same, and to those of socket.io too', async () => {
  const cookies = await Promise.all([[demo, 'engine.io'], [demo, 'socket.io'], [other, 'engine.io']].map(async ([at, mount]) => {
    const reply = begin(at, 'GET', `/${mount}/?EIO=4&transport=polling`)
    const { sid } = JSON.parse(/\{.*?\}/.exec(await reply.end())[0])
    await begin(at, 'POST', `/${mount}/?EIO=4&transport=polling&sid=${sid}`, { body: '1' }).end()
    const { headers } = await reply.head
    return headers['set-cookie'].join()
  }))
  assert.match(cookies[0], /^node=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/)
  assert.equal(cookies[0], cookies[1])
  assert.notEqual(cookies[0], cookies[2])
})
