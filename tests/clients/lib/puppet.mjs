// A client under test as a test holds it, wherever it runs.

import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { until, within } from './wait.mjs'

/** One client of an agent. All its methods ask the agent, so all of them wait. */
export class Puppet {
  static async of (desk, options, rooms) {
    return new Puppet(desk, await desk.call('make', options, rooms))
  }

  constructor (desk, n) {
    Object.assign(this, { desk, n })
  }

  /** Begins to connect. */
  connect () { return this.desk.call('connect', this.n) }

  /** Connects; the value is the reply to its `detailsView`. */
  async connected (ms = 10_000) {
    await this.connect()
    return this.isConnected(ms)
  }

  /** Waits until `connect` has called back, which it does once. */
  async isConnected (ms = 10_000) {
    const connects = await until('connect calls back', async () => {
      const { connects } = await this.look()
      return connects.length > 0 && connects
    }, ms)
    assert.equal(connects.length, 1, 'connect calls back once')
    if (connects[0].error) throw Object.assign(new Error(`connect failed: ${inspect(connects[0].error)}`), connects[0])
    return connects[0].details
  }

  /** What the callback of a call gets. */
  ask (method, ...args) {
    return within(10_000, `reply to ${method}(${inspect(args)})`, this.desk.call('ask', this.n, method, args))
  }

  /** What a call without a callback promises: `{ value }` or `{ thrown }`. */
  promised (method, ...args) {
    return within(10_000, `promise of ${method}(${inspect(args)})`, this.desk.call('promised', this.n, method, args))
  }

  /** Calls in one turn, each `[method, ...args]`; the value are their numbers in `calls`. */
  batch (calls) { return this.desk.call('batch', this.n, calls) }

  /** Calls something that is not answered. */
  tell (method, ...args) { return this.desk.call('tell', this.n, method, args) }

  /** All calls with their answers so far. */
  calls () { return this.desk.call('calls', this.n) }

  /** Everything that it told, in order: event, value, and the client's state, id and rooms at that moment. */
  log () { return this.desk.call('log', this.n) }

  /** The names of the events that it told, of these. */
  async told (...events) {
    return (await this.log()).map(({ event }) => event).filter(event => events.includes(event))
  }

  /** What it shows of itself now. */
  look () { return this.desk.call('look', this.n) }

  /** Waits for an event that it tells after the first `from` ones. */
  event (name, { from = 0, ms = 10_000, where = () => true } = {}) {
    return until(`event ${name}`, async () =>
      (await this.log()).slice(from).find(({ event, value }) => event === name && where(value)), ms)
  }

  /** Waits until the server answers it. What it asked before may be lost, so it asks again and again. */
  async isBack (ms = 15_000) {
    return until('the server answers', async () => {
      const reply = await this.desk.call('asked', this.n, 'detailsView', [], 1_000)
      return reply?.status === 'OK' && reply
    }, ms)
  }

  /**
   * Cuts its connection, and waits until it knows. A websocket is cut once. A poll that the server has not seen yet is
   * sent again by a browser itself: such a cut is none, so who `polls` is cut again.
   */
  async isCut (cut, { polls = false } = {}) {
    const before = (await this.told('disconnected')).length
    const knows = async () => (await this.told('disconnected')).length > before
    return until('it knows that it is cut', async () => {
      await cut()
      return until('it knows', knows, polls ? 500 : 5_000).catch(() => false)
    })
  }

  close () { return this.desk.call('close', this.n) }
}
