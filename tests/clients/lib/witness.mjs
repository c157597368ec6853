// Two people chat while a test does its worst. Whatever it does, they must not notice.

import assert from 'node:assert/strict'
import { afterEach, before } from 'node:test'
import { ask, connect } from './client.mjs'
import { event } from './wait.mjs'

/**
 * Lets two stock clients stay for the whole file. After each test one of them says something and
 * the other one hears it, both still being who they were.
 */
export function useWitnesses (demo, room = 'otherRoom') {
  const witnesses = { room, lost: 0, said: 0 }

  before(async () => {
    await demo.ready
    witnesses.speaker = await connect(demo.url)
    witnesses.listener = await connect(demo.url)
    for (const client of [witnesses.speaker, witnesses.listener]) {
      await ask(client, 'roomAdd', room)
      client.on('disconnected', () => { witnesses.lost += 1 })
    }
  })

  /** One message from one to the other; the value is how long it took, in ms. */
  witnesses.chat = async (ms = 5_000) => {
    const text = `undisturbed ${++witnesses.said}`
    const started = performance.now()
    const heard = event(witnesses.listener, 'say', ({ message }) => message === text, ms)
    await ask(witnesses.speaker, 'say', room, text)
    await heard
    return performance.now() - started
  }

  afterEach(async () => {
    await witnesses.chat()
    assert.equal(witnesses.lost, 0, 'the others have not been disconnected')
  })

  return witnesses
}
