// What all clients' connections look like to a test.

import { within } from '../wait.mjs'

/** An action of the demo's actors that changes nothing and that everybody may call. */
const PROBES = { counter: 'getCount', chatRoom: 'whoami' }

/** One connection; `raw` is the client's own object. */
export class Connection {
  constructor (name, raw) {
    this.name = name
    this.raw = raw
  }

  on (event, listener) {
    return this.raw.on(event, listener)
  }

  once (event, listener) {
    return this.raw.once(event, listener)
  }

  /** A list that grows by the first argument of each event of that name. */
  hear (event) {
    const heard = []
    heard.stop = this.on(event, value => heard.push(value))
    return heard
  }

  /** Once this resolves it is connected, and every subscription made before is in force. */
  async settled (ms = 5_000) {
    await within(ms, 'the connection answers', this.call(PROBES[this.name]))
    return this
  }

  dispose () {
    return this.raw.dispose()
  }
}
