// A world for the link in which nothing happens by itself: time, chance, websockets and the browser's news are
// the test's. What the link tells is written down.

import { source } from './source.mjs'

const { Link } = await source('link/link.ts')
const { linkOptions } = await source('link/options.ts')

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function dice (seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

class FakeClock {
  time = 1_000_000
  due = []

  now () { return this.time }

  after (ms, ring) {
    const timer = { at: this.time + ms, ring }
    this.due.push(timer)
    return timer
  }

  cancel (timer) { this.due = this.due.filter(other => other !== timer) }

  /** Time passes, and what is due rings at its moment. */
  pass (ms) {
    const end = this.time + ms
    for (;;) {
      const [next] = this.due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.time = Math.max(this.time, next.at)
      this.cancel(next)
      next.ring()
    }
    this.time = end
  }

  /** Time passes while nothing runs, as on a laptop that sleeps. What was due meanwhile rings afterwards. */
  sleep (ms) {
    this.time += ms
    this.pass(0)
  }
}

class FakeSocket {
  readyState = 0
  sent = []
  onopen = this.onmessage = this.onclose = this.onerror = null

  constructor (transport, url) { Object.assign(this, { transport, url }) }

  send (text) { this.sent.push(JSON.parse(text)) }
  close () { this.readyState = 3 }
  terminate () { this.readyState = 3 }

  get gone () { return this.readyState === 3 }

  // ---- what the test lets happen

  accept () {
    this.readyState = 1
    this.onopen?.({})
  }

  say (message) { this.onmessage?.({ data: JSON.stringify(message) }) }
  sayText (data) { this.onmessage?.({ data }) }

  refuse () {
    this.readyState = 3
    this.onerror?.({ message: 'refused' })
    this.onclose?.({ code: 1006, reason: '' })
  }

  cut (code = 1006, reason = '') {
    this.readyState = 3
    this.onclose?.({ code, reason })
  }

  /** Answers a frame that was sent, the newest of its event. */
  answer (event, more = {}) {
    const frame = this.sent.filter(({ event: other }) => other === event).pop()
    this.say({ status: 'OK', context: 'response', ...more, messageId: frame.messageId })
  }
}

/** A link with its world: `world.socket` is its newest websocket, or what takes its place, `world.told` what it told. */
export function linkIn (given = {}, { greeting = () => [], random = () => 0.5, polls = false } = {}) {
  const world = { clock: new FakeClock(), sockets: [], told: [], heard: [], watching: null, on: {} }
  world.link = new Link(linkOptions(given), {
    tell: (name, ...args) => {
      world.told.push([name, ...args])
      world.on[name]?.(...args)
    },
    url: () => 'ws://test/primus',
    encode: (data, done) => done(null, JSON.stringify(data)),
    decode: (text, done) => {
      let data
      try { data = JSON.parse(text) } catch (error) { return done(error) }
      done(null, data)
    },
    deliver: message => world.heard.push(message),
    greeting
  }, {
    clock: world.clock,
    random,
    polls: () => polls,
    open: (transport, url) => {
      const socket = new FakeSocket(transport, url)
      world.sockets.push(socket)
      return socket
    },
    watch: watching => {
      world.watching = watching
      return () => { world.watching = null }
    }
  })
  Object.defineProperty(world, 'socket', { get: () => world.sockets.at(-1) })
  /** The names of what was told since the last time, without notes for plugins. */
  world.news = () => world.told.splice(0).map(([name]) => name).filter(name =>
    !name.includes('::') && name !== 'readyStateChange' && name !== 'sent')
  /** Opens it, up to the websocket's acceptance and a first message. */
  world.up = () => {
    world.link.open()
    world.socket.accept()
    world.socket.say({ welcome: 'hello', context: 'api' })
    world.news()
    return world
  }
  return world
}

/** What the application sent on a websocket, without control strings. */
export function frames (socket) {
  return socket.sent.filter(message => !(typeof message === 'string' && message.startsWith('primus::')))
}
