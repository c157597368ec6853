// Too much of everything: a flood of small frames, readers that do not read. The one who does it
// may be slowed down or dropped; the others chat on.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { useDemo } from '../lib/demo.mjs'
import { TEXT, encode, rawConnect } from '../lib/raw.mjs'
import { until } from '../lib/wait.mjs'
import { useWitnesses } from '../lib/witness.mjs'

const demo = useDemo()
const witnesses = useWitnesses(demo)

/** A million is what the server must stand; a fifth of it keeps the test short. */
const FRAMES = Number(process.env.FLOOD_FRAMES ?? 1_000_000)
const MIB = 1_048_576

function rss () {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${demo.pid}/status`, 'utf8'))[1]) * 1_024
}

test(`${FRAMES} small frames on one connection, all answered`, { timeout: 120_000 }, async () => {
  const raw = await rawConnect(demo)
  const batch = Buffer.concat(Array.from({ length: 1_000 }, () => encode(TEXT, '{"event":"roomView","messageId":1}')))
  raw.keep = false
  raw.received = 0
  const waits = []
  let sent = 0
  while (sent < FRAMES) {
    // At most five thousand are unanswered, so that this test measures the server and not a buffer.
    await raw.when('answers', () => sent - raw.received < 5_000 || raw.gone, 30_000)
    assert.ok(!raw.gone, `closed with ${raw.closeCode} after ${sent} frames`)
    raw.write(batch)
    sent += 1_000
    if (sent % 10_000 === 0) waits.push(await witnesses.chat())
  }
  await raw.when('all answers', () => raw.received >= FRAMES || raw.gone, 60_000)
  assert.equal(raw.received, FRAMES)
  waits.sort((a, b) => a - b)
  const median = waits[waits.length >> 1]
  assert.ok(median < 250, `the others waited ${median} ms`)
})

test('a flood of frames that are not JSON', { timeout: 60_000 }, async () => {
  const raw = await rawConnect(demo)
  const batch = Buffer.concat(Array.from({ length: 10_000 }, () => encode(TEXT, '{')))
  for (let n = 0; n < 20; n++) {
    await new Promise(resolve => raw.socket.write(batch, resolve))
    await turn()
  }
  assert.deepEqual(await raw.settled(), [])
})

test('who asks and never reads costs little and harms nobody', { timeout: 60_000 }, async () => {
  const before = rss()
  const lazy = await rawConnect(demo)
  lazy.socket.pause()
  const batch = Buffer.concat(Array.from({ length: 1_000 }, () => encode(TEXT, '{"event":"detailsView","messageId":1}')))
  // 200 MiB of answers, were they all made and kept.
  for (let n = 0; n < 600 && lazy.socket.writableLength < 4 * MIB; n++) {
    lazy.write(batch)
    if (n % 50 === 0) await witnesses.chat()
    await turn()
  }
  await witnesses.chat()
  const grown = (rss() - before) / MIB
  assert.ok(grown < 64, `grown by ${grown.toFixed(1)} MiB`)
  lazy.destroy()
})

test('a member of a room that does not read is dropped, the room goes on', { timeout: 60_000 }, async () => {
  const lazy = await rawConnect(demo)
  await lazy.ask({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 })
  lazy.socket.pause()
  const speaker = await rawConnect(demo)
  await speaker.ask({ event: 'roomAdd', room: 'defaultRoom', messageId: 1 })
  const message = 'x'.repeat(100_000)
  let members = 2
  let said = 0
  // The lazy one's outbox holds 4 MiB; the system's buffers a few more.
  while (members === 2 && said < 1_000) {
    for (let n = 0; n < 10; n++, said++) speaker.send({ event: 'say', room: 'defaultRoom', message, messageId: 'say' })
    speaker.send({ event: 'roomView', room: 'defaultRoom', messageId: 'view' })
    for (;;) {
      const text = await speaker.next()
      if (!text.endsWith('"messageId":"view"}')) continue
      members = JSON.parse(text).data.membersCount
      break
    }
  }
  assert.equal(members, 1, `still a member after ${said} messages of 100 kB`)
  lazy.socket.resume()
  await until('the lazy one is disconnected', () => lazy.gone || lazy.closeCode !== null)
  assert.ok(!lazy.texts.includes('"primus::server::close"'), 'and may come back')
})
