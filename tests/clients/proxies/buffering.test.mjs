// nginx keeps an answer back until a buffer of its own is full, unless the answer asks it not to. Streams ask.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { KINDS, Nginx, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { SockjsPoll, dropRequests } from '../lib/transports/polls.mjs'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'

const demo = useStage()
const front = useFronts(demo)
const STREAMS = GUESTS.filter(({ transport }) => ['xhr-streaming', 'eventsource'].includes(transport))
afterEach(dropRequests)

for (const kind of KINDS) {
  for (const subject of STREAMS) {
    test(`${kind.program}: ${subject.name} hears each thing when it is said`, async () => {
      const seat = await sit(subject, front(kind))
      const room = await roomOf(seat)
      for (let n = 0; n < 50; n++) {
        await seat.say(room, `${n}`)
        assert.equal((await seat.heard.next(1_000)).message, `${n}`)
      }
      await seat.end()
    })
  }
}

const deaf = {}
before(async () => {
  await demo.ready
  const ignoring = ['proxy_http_version 1.1;', 'proxy_http_version 1.1;\n    proxy_ignore_headers X-Accel-Buffering;']
  Object.setPrototypeOf(deaf, await Nginx.before(demo, [ignoring]))
})
after(() => deaf.stop())

for (const transport of ['xhr_streaming', 'eventsource']) {
  test(`${transport} says that it is not to be kept back`, async () => {
    const stream = new SockjsPoll(demo).receive(transport)
    assert.equal((await stream.head).headers['x-accel-buffering'], 'no')
  })

  test(`${transport} through an nginx that does not listen comes too late`, async () => {
    const heard = new SockjsPoll(front(Nginx)).receive(transport)
    const kept = new SockjsPoll(deaf).receive(transport)
    await heard.when('the welcome', text => text.includes('welcome'))
    // As long again, and longer: nothing shows that something does not come.
    await pause(500)
    assert.equal(kept.text, '')
  })
}
