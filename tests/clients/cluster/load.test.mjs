// People talk all the time on both nodes while Redis is killed and comes back. What is heard is heard in
// order and once; what was answered well while all was well is heard by everybody.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, record } from '../lib/client.mjs'
import { ROUNDS, member, ok, untilMembers, useCluster } from '../lib/cluster.mjs'
import { dice } from '../lib/dice.mjs'
import { until } from '../lib/wait.mjs'

const SPEAKERS = 6
/** Between two messages of a speaker, in milliseconds. */
const BREATH = 5
/** What was answered so shortly before the end may not have been passed on. */
const LAST_WORDS = 300
const AWAY = 1_000

const cluster = useCluster(2, { lease: 1_500, timeout: 500 })

/** Talks until told to stop. Each word is `{ text, at, reply, answered }`. */
async function talk (speaker, who, words, stop) {
  for (let n = 0; !stop.now; n++) {
    const word = { text: `${who}:${n}`, at: performance.now() }
    words.push(word)
    word.done = ask(speaker, 'say', 'lobby', word.text).then(reply => {
      word.answered = performance.now()
      word.reply = reply
    })
    await pause(BREATH)
  }
  await Promise.all(words.map(word => word.done))
}

/** Lets Redis die and come back, some times, and returns when it was away. */
async function troubles (rounds, chance) {
  const spans = []
  for (let n = 0; n < rounds; n++) {
    await pause(500 + chance.below(500))
    const from = performance.now()
    await cluster.redis.restart(chance.below(AWAY))
    await cluster.untilWell()
    spans.push({ from, to: performance.now() })
  }
  await pause(500)
  return spans
}

/** Whether a word was asked and answered while all was well. */
function inPeace ({ at, answered }, spans) {
  return spans.every(({ from, to }) => answered + LAST_WORDS < from || at > to)
}

/** A time as people can place it. */
function since (time, spans) {
  const last = spans.findLast(({ from }) => from < time)
  return last ? `${Math.round(time - last.from)} ms after a death and ${Math.round(time - last.to)} after its healing` : 'before any death'
}

test('under load, Redis killed and back', async t => {
  const chance = dice(t)
  const speakers = await Promise.all(Array.from({ length: SPEAKERS }, (_, n) => member(cluster.nodes[n % 2], 'lobby')))
  const heard = speakers.map(client => record(client, 'say'))
  const words = speakers.map(() => [])
  const stop = { now: false }
  const talks = speakers.map((speaker, who) => talk(speaker, who, words[who], stop))
  const spans = await troubles(Math.ceil(ROUNDS / 5), chance)
  stop.now = true
  await Promise.all(talks)
  // What each says last is heard after all else of theirs.
  await untilMembers(speakers, 'lobby', speakers)
  for (const [who, speaker] of speakers.entries()) ok(await ask(speaker, 'say', 'lobby', `end of ${who}`))
  const isEnd = text => text.startsWith('end of')
  await until('all hear the end', () => heard.every(list =>
    list.filter(([, { message }]) => isEnd(message)).length === SPEAKERS))

  const all = words.flat()
  const [well, refused] = [all.filter(({ reply }) => !reply.error), all.filter(({ reply }) => reply.error)]
  const peaceful = well.filter(word => inPeace(word, spans))
  const reasons = [...new Set(refused.map(({ reply }) => reply.error))]
  t.diagnostic(`${all.length} messages, ${well.length} answered well, ${peaceful.length} of them in peace; refused: ${JSON.stringify(reasons)}`)
  assert.ok(peaceful.length > all.length / 10, 'there was peace')
  for (const { reply } of refused) assert.match(reply.error, /try again|may have been done or not/)

  for (const [listener, list] of heard.entries()) {
    const texts = list.map(([, { message }]) => message)
    const known = new Set(texts)
    assert.equal(known.size, texts.length, 'nothing is heard twice')
    for (let who = 0; who < SPEAKERS; who++) {
      const numbers = texts.filter(text => text.startsWith(`${who}:`)).map(text => Number(text.split(':')[1]))
      assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), 'each speaker is heard in order')
    }
    const missing = peaceful.filter(({ text }) => !known.has(text)).map(({ text, at, answered }) =>
      `${listener} did not hear ${text}, asked ${since(at, spans)}, answered after ${Math.round(answered - at)} ms`)
    assert.deepEqual(missing, [], 'what was answered well in peace is heard by all')
    const wrong = refused.filter(({ text, reply }) => /nothing was done/i.test(reply.error) && known.has(text))
    assert.deepEqual(wrong.map(({ text }) => text), [], 'what was refused is heard by nobody')
  }
})
