// Streams are answers that do not end. A proxy that waits for more of one before it passes on what it has makes everything
// late: nginx is asked not to by the answer itself, haproxy by its configuration.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { KINDS, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { SockjsPoll, dropRequests } from '../lib/transports/polls.mjs'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'

const demo = useStage()
const front = useFronts(demo)
const MANY = 30
/** haproxy without `option http-no-delay` takes 200 ms for each message. */
const PROMPT = 100
afterEach(dropRequests)

/** The milliseconds from saying a thing until it was heard, of the one in the middle. */
async function delay (speaker, listener) {
  const room = await roomOf(speaker, listener)
  const times = []
  for (let n = 0; n < MANY; n++) {
    const begun = performance.now()
    await Promise.all([speaker.say(room, `${n}`), listener.heard.next()])
    times.push(performance.now() - begun)
  }
  return times.sort((a, b) => a - b)[MANY / 2]
}

for (const kind of KINDS) {
  for (const subject of GUESTS) {
    test(`${kind.program}: ${subject.name} hears each thing when it is said`, async () => {
      const seats = await Promise.all([sit(GUESTS.find(({ transport }) => transport === 'websocket'), demo), sit(subject, front(kind))])
      await seats[1].settled()
      const ms = await delay(...seats)
      assert.ok(ms < PROMPT, `${ms} ms`)
      await seats[1].end()
    })
  }
}

for (const transport of ['xhr_streaming', 'eventsource']) {
  test(`${transport} says that it is not to be kept back`, async () => {
    const stream = new SockjsPoll(demo).receive(transport)
    assert.equal((await stream.head).headers['x-accel-buffering'], 'no')
  })
}
