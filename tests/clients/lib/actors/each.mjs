// One scenario for every client of actors.

import { afterEach, before, describe, test } from 'node:test'
import { Seat } from './seat.mjs'
import { useServer } from './server.mjs'
import { BY_HAND, SUBJECTS, chosen } from './subjects.mjs'
import { excused } from './upstream.mjs'

/**
 * Runs `scenarios(use)` for every client that `takes` lets in. As many subjects as `abreast` says run side by side, the
 * tests of one subject one after the other.
 */
export function withEach (scenarios, { takes = () => true, server = ownServer(), abreast = 4 } = {}) {
  describe('clients', { concurrency: abreast }, () => {
    for (const subject of SUBJECTS.filter(subject => takes(subject) && chosen(subject))) run(subject, server, scenarios)
  })
}

/** One for all scenarios of a file. */
let own
function ownServer () {
  own ??= useServer()
  return own
}

/** The same without a client, for what no client sends. */
export function byHand (family, scenarios, { server = ownServer() } = {}) {
  if (chosen(BY_HAND[family])) run(BY_HAND[family], server, scenarios)
}

function run (subject, server, scenarios) {
  if (!server.at(subject)) return
  describe(subject.name, { concurrency: 1 }, () => {
    const use = new Use(subject, server.at(subject))
    before(() => server.ready())
    afterEach(() => use.end())
    scenarios(use)
  })
}

let keys = 0

/** What a scenario works with: the subject, the server, and clients that are gone after the test. */
class Use {
  constructor (subject, server) {
    Object.assign(this, { subject, server, open: new Set() })
  }

  /** A test. What this server is known to do otherwise is skipped, with the reason. */
  test (name, body) {
    const skip = excused(this.subject, name)
    test(name, { skip, timeout: 20_000 }, body)
  }

  /** A client of the subject, at the server or at a place that stands before it. */
  client ({ at = this.server, ...options } = {}) {
    return this.keep(this.subject.open(at.url, options))
  }

  /** A websocket by hand that is gone after the test. */
  async seat (path, options) {
    return this.keep(await Seat.open(this.server, path, options))
  }

  /** Whatever has `dispose` and is to be gone after the test. */
  keep (thing) {
    this.open.add(thing)
    return thing
  }

  /** A key that nobody has used before. */
  key (word = 'k') {
    return [`${word}-${process.pid}-${Date.now().toString(36)}-${keys++}`]
  }

  /** An actor of its own for one test. */
  counter (options, key = this.key()) {
    return this.client().getOrCreate('counter', key, options)
  }

  /** A room of its own, entered by that person. */
  room (username, key = this.key(), client = this.client()) {
    return client.getOrCreate('chatRoom', key, { params: { username, token: 'letmein' } })
  }

  async end () {
    const all = [...this.open]
    this.open.clear()
    await Promise.allSettled(all.map(thing => settledSoon(thing.dispose())))
  }
}

/** A client that waits for a server that is silent on purpose would wait for ever. */
function settledSoon (promise) {
  return Promise.race([promise, new Promise(resolve => setTimeout(resolve, 500).unref())])
}
