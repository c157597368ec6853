// Who polls sends in bodies of requests, and nginx takes none above 1 MiB unless it is told to. What is too large is then
// for the server to say.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { KINDS, Nginx, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { EnginePoll, begin, dropRequests } from '../lib/transports/polls.mjs'
import { sit, useStage } from '../lib/transports/seat.mjs'
import { until } from '../lib/wait.mjs'

const MIB = 1_048_576
/** What a message of Primus may have, on every transport. */
const LIMIT = 10 * MIB
const demo = useStage()
const front = useFronts(demo)
const stock = useFronts(demo, { nginx: [['  client_max_body_size 11m;\n', '']] })
const PRIMUS = GUESTS.filter(({ mount, upgrades }) => mount === '/primus' && !upgrades)
const posts = ({ transport, transformer }) => transport !== 'websocket' && transformer !== 'websockets'
afterEach(dropRequests)

/** The answer to a body of that many bytes. */
async function posted (at, bytes) {
  const poll = await EnginePoll.open(at, { mount: '/primus/' })
  // Its answer is short: nobody polls for it.
  const frame = JSON.stringify({ event: 'action', params: { action: 'randomNumber', p: '' } })
  const body = `4${frame.replace('"p":""', `"p":"${'x'.repeat(bytes - frame.length - 1)}"`)}`
  assert.equal(body.length, bytes)
  const reply = begin(at, 'POST', poll.path, { body, headers: { 'content-type': 'text/plain;charset=UTF-8' } })
  const { statusCode } = await reply.head
  return { status: statusCode, text: await reply.end(), poll }
}

for (const kind of KINDS) {
  for (const subject of PRIMUS) {
    test(`${kind.program}: ${subject.name} sends three MiB`, async () => {
      const seat = await sit(subject, front(kind))
      const p = 'x'.repeat(3 * MIB)
      const reply = await seat.act('echo', { p })
      assert.deepEqual([reply.len, seat.losses.length], [p.length, 0])
      await seat.end()
    })
  }

  test(`${kind.program}: all that the server takes passes, and what is more the server refuses`, async () => {
    const most = await posted(front(kind), LIMIT)
    assert.deepEqual([most.status, most.text], [200, 'ok'])
    const { status, text, poll } = await posted(front(kind), LIMIT + 1)
    assert.equal(status, 413)
    assert.doesNotMatch(text, /nginx/)
    // The session is none the worse for it.
    assert.equal(await poll.send({ event: 'detailsView', messageId: 'still here' }), 'ok')
    for (const left of [most.poll, poll]) await left.post('1')
  })
}

test('nginx as it comes refuses a body above one MiB itself', async () => {
  const most = await posted(stock(Nginx), MIB)
  assert.equal(most.status, 200)
  const { status, text, poll } = await posted(stock(Nginx), MIB + 1)
  assert.equal(status, 413)
  assert.match(text, /nginx/)
  for (const left of [most.poll, poll]) await left.post('1')
})

for (const subject of PRIMUS.filter(posts)) {
  test(`nginx as it comes: ${subject.name} sends three MiB in vain, and comes back`, async () => {
    const seat = await sit(subject, stock(Nginx))
    seat.link.send({ event: 'action', params: { action: 'echo', p: 'x'.repeat(3 * MIB) }, messageId: 'large' })
    await until('it has lost its connection', () => seat.losses.length > 0, 10_000)
    await seat.welcomes.next(10_000)
    assert.equal(typeof (await seat.act('randomNumber')).randomNumber, 'number')
    await seat.end()
  })
}
