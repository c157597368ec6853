// One face for all clients: what a test says to a client and hears from it, whatever carries it.

import assert from 'node:assert/strict'
import { after, afterEach } from 'node:test'
import { useDemo } from '../demo.mjs'
import { until, within } from '../wait.mjs'
import { Queue } from './queue.mjs'
import { Watch } from './watch.mjs'

const taken = new Set()

/** A client at the demo. */
export class Seat {
  constructor (subject, proxy) {
    Object.assign(this, { subject, proxy })
    /** Everything that came, only its kinds; and what nobody had asked for. */
    this.kinds = []
    this.strange = []
    this.answered = []
    this.failures = []
    this.heard = new Queue(`chat frames at ${subject.name}`)
    this.welcomes = new Queue(`welcomes at ${subject.name}`)
    this.losses = new Queue(`losses of the connection of ${subject.name}`)
    this.questions = new Map()
    this.asked = 0
    this.onFrame = () => {}
    this.closed = new Promise(resolve => { this.gone = resolve })
    this.isClosed = false
  }

  begin (url) {
    this.link = this.subject.open(url, {
      opened: () => {},
      message: frame => this.take(frame),
      lost: () => this.losses.push(Date.now()),
      failed: error => this.failures.push(error),
      closed: reason => { this.isClosed = true; this.gone(reason) }
    })
  }

  take (frame) {
    const kind = this.sort(frame)
    this.kinds.push(kind)
    this.onFrame(kind, frame)
  }

  sort (frame) {
    if (frame?.context === 'user') {
      this.heard.push(frame)
      return 'chat'
    }
    if (frame?.context === 'api' && 'welcome' in frame) {
      this.welcomes.push(frame)
      return 'welcome'
    }
    if (frame?.messageId === 'nudge') return 'nudge'
    const answer = this.questions.get(frame?.messageId)
    if (frame?.context === 'response' && answer) {
      this.questions.delete(frame.messageId)
      this.answered.push(frame.messageId)
      answer(frame)
      return 'reply'
    }
    this.strange.push(frame)
    return 'strange'
  }

  /** The transport that carries it now. */
  transport () {
    return this.link.transport()
  }

  /** Resolves when it is on the transport that it wants, and with a request that waits where it polls. */
  async settled () {
    const { transport, polls, upgrades } = this.subject
    await until(`${this.subject.name} is on ${transport}`, () => this.transport() === transport, 10_000)
    // The server has read that it was upgraded when it answers what came behind.
    if (upgrades) await this.id()
    if (!polls || !this.proxy) return
    await until(`${this.subject.name} waits at the server`, () => this.proxy.waits(polls))
  }

  /** Sends a frame and returns the reply to it. */
  ask (frame, ms = 15_000) {
    const messageId = frame.messageId ?? `${++this.asked}`
    const reply = new Promise(resolve => this.questions.set(messageId, resolve))
    this.link.send({ ...frame, messageId })
    return within(ms, `reply to ${frame.event} ${frame.room ?? ''} at ${this.subject.name}`, reply)
  }

  /** Runs an action. */
  act (action, params = {}) {
    return this.ask({ event: 'action', params: { ...params, action } })
  }

  /** A verb that must succeed; its data. */
  async verb (event, operands = {}) {
    const reply = await this.ask({ event, ...operands })
    assert.equal(reply.status, 'OK', `${event} at ${this.subject.name}`)
    return reply.data
  }

  say (room, message) {
    return this.verb('say', { room, message })
  }

  join (room) {
    return this.verb('roomAdd', { room })
  }

  /** The ids of the members of a room. */
  async members (room) {
    return Object.keys((await this.verb('roomView', { room })).members)
  }

  /** The connection's id, as others see it. */
  async id () {
    return (await this.verb('detailsView')).id
  }

  /** Ends it as a well-behaved page does. */
  async end () {
    this.leave()
    await within(10_000, `${this.subject.name} has ended`, this.closed)
  }

  /** Lets it end by itself, without waiting for that. */
  leave () {
    this.link.end()
  }

  /** Destroys every connection below it. */
  cut () {
    this.proxy.cut()
  }

  /** Waits until it knows that it was cut. Who is deaf learns it from the answer to what it sends. */
  async noticed (condition, ms = 10_000) {
    await until(`${this.subject.name} notices that it was cut`, () => {
      if (this.subject.deaf && !condition()) this.link.send({ event: 'detailsView', messageId: 'nudge' })
      return condition()
    }, ms)
  }
}

/**
 * A client that is connected and has had its welcome. With `proxied` it may be cut; `slow` are ms per round trip;
 * `sockets` says how far its websockets get.
 */
export async function sit (subject, demo, { proxied = false, slow = 0, sockets = 'all' } = {}) {
  const proxy = proxied || slow || sockets !== 'all' ? await Watch.before(demo) : undefined
  if (proxy) {
    proxy.slow(slow)
    proxy.sockets = sockets
  }
  const seat = new Seat(subject, proxy)
  taken.add(seat)
  seat.begin(proxy?.url ?? demo.url)
  seat.welcome = await seat.welcomes.next(10_000)
  return seat
}

/** One client of each subject. */
export function sitAll (subjects, demo, options) {
  return Promise.all(subjects.map(subject => sit(subject, demo, options)))
}

let rooms = 0

/** A room that nobody else is in, made by this client, with these clients in it. */
export async function roomOf (...seats) {
  const name = `room ${++rooms} of ${process.pid}`
  assert.equal((await seats[0].act('createChatRoom', { name })).didCreate, true)
  await Promise.all(seats.map(seat => seat.join(name)))
  return name
}

/** Ends every client of this file. */
export function closeSeats () {
  for (const seat of taken) {
    seat.leave()
    seat.proxy?.close()
  }
  taken.clear()
}

/** A demo for the tests of this file, and an end to every client after each of them. */
export function useStage (env) {
  // Before the demo's own end, which is told to it next.
  after(closeSeats)
  afterEach(closeSeats)
  return useDemo(env)
}
