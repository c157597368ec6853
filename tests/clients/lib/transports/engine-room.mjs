// Who is in a room and what is said there, seen by somebody on a plain websocket: what the server did with a session
// shows to others, whatever became of the session itself.

import assert from 'node:assert/strict'
import { rawConnect } from '../raw.mjs'
import { until } from '../wait.mjs'
import { connected } from './engine.mjs'

export const ROOM = 'defaultRoom'

let asked = 0

/** Somebody who watches the room. */
export class Watcher {
  static async open (demo) {
    const raw = await rawConnect(demo)
    raw.answerHeartbeats = true
    const watcher = Object.assign(new Watcher(), { raw })
    assert.equal((await watcher.ask({ event: 'roomAdd', room: ROOM })).status, 'OK')
    return watcher
  }

  /** The reply to a frame; whatever else comes meanwhile stays where it is. */
  ask (frame, ms) {
    const messageId = `watcher-${++asked}`
    this.raw.send({ ...frame, messageId })
    return this.raw.when(`the reply to ${frame.event}`, () => {
      const at = this.raw.texts.findIndex(text => text.endsWith(`"messageId":"${messageId}"}`))
      return at >= 0 && JSON.parse(this.raw.texts.splice(at, 1)[0])
    }, ms)
  }

  /** Says something and waits until it has been said. */
  async say (text, ms) {
    assert.equal((await this.ask({ event: 'say', room: ROOM, message: text }, ms)).status, 'OK')
  }

  /** Everything heard so far, in order. */
  heard () {
    return this.raw.texts.map(text => JSON.parse(text)).filter(({ context }) => context === 'user').map(({ message }) => message)
  }

  /** Resolves when that has been heard. */
  hears (text, ms) {
    return this.raw.when(`somebody says ${text}`, () => this.heard().includes(text), ms)
  }

  async isMember (id) {
    const { data } = await this.ask({ event: 'roomView', room: ROOM })
    return id in data.members
  }

  /** Resolves when that connection is no member any more: much earlier than by any timer of the protocol. */
  misses (id, ms = 2_000) {
    return until('the member is gone', async () => !await this.isMember(id), ms)
  }

  leave () { this.raw.destroy() }
}

/** A session in the room; `id` is what others see of it. */
export async function member (demo, options) {
  const session = await connected(demo, options)
  assert.equal((await session.ask({ event: 'roomAdd', room: ROOM, messageId: 'join' })).status, 'OK')
  session.id = (await session.ask({ event: 'detailsView', messageId: 'who' })).data.id
  return session
}

/** A frame that says something in the room. */
export const saying = (text, messageId = 'say') => ({ event: 'say', room: ROOM, message: text, messageId })
