// What is large and what is odd arrives as it was sent, through every framing and both ways.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomOf, sit, useStage } from '../lib/transports/seat.mjs'
import { SUBJECTS } from '../lib/transports/subjects.mjs'

const demo = useStage()

/** Each character below 32, those that a transport frames with, and those that scripts and streams break at. */
const ODD = [
  ...Array.from({ length: 32 }, (_, n) => `a${String.fromCharCode(n)}b`),
  '\u001e', '\u001e4{"event":"quit"}', '\n\n', '\r\n\r\ndata: x\r\n', 'a\u0000', '\u007f', '\u0080', '\u0085', '\u00a0', '\u00ad',
  'line\u2028separator\u2029', '\u200b\u200c\u200d\u200e\u200f', '\u202a\u202e', '\u2060\u206f', '\ufeff', '\ufff0\ufffd\ufffe\uffff',
  'é', 'e\u0301', '漢字', '😀', '👩‍👩‍👧‍👦', '🇩🇪', '\u{10ffff}', 'שלום', '😀'.repeat(1_000),
  '</script>', '<script>', '<!--', ']]>', '%', '%25', '%0A', '%E4', '%u2028', '\\', '\\\\n', '\\u0041', '"', '\'', '`', '&amp;', '+', ' ', '  x  ',
  'o', 'h', 'a["x"]', 'c[1000,"x"]', '6', '1', '2probe', '3probe', '5', '4:', '1:6', 'b4AAEC', 'bAAEC', '96:0{}',
  'primus::server::close', 'primus::ping::1', 'primus::id::', '"primus::server::close"', 'd=%5B%5D', '[]', 'null'
]

for (const subject of SUBJECTS) {
  test(`${subject.name}: odd texts`, async () => {
    const [seat, other] = await Promise.all([sit(subject, demo), sit(SUBJECTS[0], demo)])
    const room = await roomOf(seat, other)
    for (const speaker of [seat, other]) {
      await Promise.all(ODD.map(message => speaker.say(room, message)))
      for (const listener of [seat, other]) {
        const heard = await listener.heard.take(ODD.length)
        assert.deepEqual(heard.map(({ message }) => message), ODD, `${speaker.subject.name} at ${listener.subject.name}`)
      }
    }
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false])
    await seat.end()
  })

  test(`${subject.name}: a message of ${subject.large} bytes, there and back`, async () => {
    const seat = await sit(subject, demo)
    // Two bytes in UTF-8 for half of it, so that who counts characters is found out.
    const p = 'é'.repeat(subject.large / 4) + 'x'.repeat(subject.large / 2)
    const reply = await seat.act('echo', { p })
    assert.equal(reply.len, subject.large)
    assert.ok(reply.p === p, 'it came back as it was')
    const other = await sit(SUBJECTS[0], demo)
    const room = await roomOf(other, seat)
    await other.say(room, p)
    assert.ok((await seat.heard.next()).message === p, 'what another said, too')
    assert.ok((await other.heard.next()).message === p)
    await seat.say(room, p)
    assert.ok((await other.heard.next()).message === p, 'and what it said')
    assert.deepEqual([seat.strange, seat.failures, seat.isClosed], [[], [], false])
    await seat.end()
  })

  test(`${subject.name}: large and small ones keep their order`, async () => {
    const seat = await sit(subject, demo)
    const room = await roomOf(seat)
    // SockJS' client puts all that has gathered into one request, and asks nobody how much that may be.
    const large = 'x'.repeat(subject.large / 12)
    const texts = Array.from({ length: 30 }, (_, n) => `${n} ${n % 3 ? 'small' : large}`)
    await Promise.all(texts.map(text => seat.say(room, text)))
    const heard = (await seat.heard.take(texts.length)).map(({ message }) => message)
    assert.deepEqual(heard.map(text => text.slice(0, 3)), texts.map(text => text.slice(0, 3)))
    assert.ok(heard.every((text, n) => text === texts[n]))
    await seat.end()
  })
}
