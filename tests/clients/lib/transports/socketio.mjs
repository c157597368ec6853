// socket.io's own clients of version 4 and 3, and what a test says to one and hears from it.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, afterEach } from 'node:test'
import { useDemo } from '../demo.mjs'
import { until, within } from '../wait.mjs'
import { Queue } from './queue.mjs'
import { Watch } from './watch.mjs'

const require = createRequire(import.meta.url)
const LIBRARY = { 4: require('socket.io-client'), 3: require('socket.io-client3') }
/** How a request begins that waits for messages. */
const POLL = /^GET \/\S+[?&]sid=/
const RETURN = { reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 }

/** A socket of the library of that version, on a connection of its own. */
export function openSocket (version, url, options = {}) {
  return LIBRARY[version].io(url, { forceNew: true, ...RETURN, ...options })
}

const HOW = {
  websocket: { transport: 'websocket', transports: ['websocket'] },
  polling: { transport: 'polling', transports: ['polling'] },
  upgrading: { transport: 'websocket', transports: ['polling', 'websocket'], upgrades: true }
}

/** Both libraries on each transport. `transport` is the one it ends up on, `upgrades` that it begins with another. */
export const CLIENTS = [4, 3].flatMap(version => Object.entries(HOW).map(([how, rest]) => ({
  name: `socket.io-client ${version}, ${how}`, version, how, ...rest
})))

/** One of them. */
export const clientOf = (version, how) => CLIENTS.find(client => client.version === version && client.how === how)

/** Those who come back to where they were. */
export const RETURNING = CLIENTS.filter(({ version }) => version === 4)

const present = new Set()

/** A client at the demo. */
export class Guest {
  constructor (client, url, { proxy, namespace = '', ...options } = {}) {
    Object.assign(this, { client, proxy })
    this.heard = new Queue(`chat at ${client.name}`)
    this.welcomes = new Queue(`welcomes at ${client.name}`)
    this.responses = new Queue(`responses at ${client.name}`)
    this.losses = new Queue(`losses of ${client.name}`)
    this.connects = new Queue(`connects of ${client.name}`)
    this.refusals = new Queue(`refusals of ${client.name}`)
    /** Then the library tells of an error before the answer. */
    this.retries = options.retries > 0
    /** Every event with all its arguments, and those that no test asks for. */
    this.events = []
    this.strange = []
    this.offsets = []
    const { transports } = client
    this.socket = openSocket(client.version, url + namespace, { transports, ...options })
    this.listen()
    present.add(this)
  }

  listen () {
    const queues = { say: this.heard, welcome: this.welcomes, response: this.responses }
    this.socket.onAny((name, ...args) => {
      this.events.push([name, ...args])
      this.offsets.push(args.at(-1))
      if (queues[name]) queues[name].push(args[0])
      else this.strange.push([name, ...args])
    })
    this.socket.on('connect', () => this.connects.push({ id: this.socket.id, recovered: this.socket.recovered }))
    this.socket.on('disconnect', reason => this.losses.push(reason))
    this.socket.on('connect_error', error => this.refusals.push(error))
  }

  get id () { return this.socket.id }

  transport () { return this.socket.io.engine?.transport?.name }

  /** Resolves when it is on the transport that it wants, and the server knows. */
  async settled () {
    const { name, transport, upgrades } = this.client
    await until(`${name} is on ${transport}`, () => this.transport() === transport, 10_000)
    if (upgrades) await this.details()
    if (transport === 'polling' && this.proxy) await until(`${name} waits at the server`, () => this.proxy.waits(POLL))
  }

  /** All arguments of the ack of an event. */
  acked (name, ...args) {
    return within(15_000, `ack of ${name} at ${this.client.name}`, new Promise(resolve => {
      this.socket.emit(name, ...args, (...got) => resolve(got))
    }))
  }

  /** The one argument of the ack of an event, as `emitWithAck` of version 4 gives it. */
  async ask (name, ...args) {
    const got = await this.acked(name, ...args)
    if (this.retries) assert.equal(got.shift(), null)
    assert.equal(got.length, 1, `an ack has one argument: ${name}`)
    return got[0]
  }

  /** A verb that must succeed; its data. */
  async verb (name, ...args) {
    const reply = await this.ask(name, ...args)
    assert.equal(reply.status, 'OK', `${name} at ${this.client.name}: ${reply.error}`)
    assert.equal(reply.context, 'response')
    return reply.data
  }

  details () { return this.verb('detailsView') }
  join (room) { return this.verb('roomAdd', room) }
  say (room, message) { return this.verb('say', { room, message }) }

  /** The members of a room, by id. */
  async members (room) { return (await this.verb('roomView', room)).members }

  /** The texts of the next messages of others. */
  async hears (count, ms) { return (await this.heard.take(count, ms)).map(({ message }) => message) }

  /** Nothing is on its way any more, and nothing came that was not asked for. */
  async quiet () {
    await this.details()
    await this.details()
    assert.deepEqual([this.heard.items, this.welcomes.items, this.responses.items, this.strange], [[], [], [], []], this.client.name)
  }

  /** Cuts it off and keeps it away until `back`. */
  async away () {
    await this.settled()
    const lost = this.losses.next()
    await this.proxy.refuse()
    return lost
  }

  /** Cuts it off in a way that the server does not notice. */
  async vanish () {
    await this.settled()
    const lost = this.losses.next()
    for (const pair of this.proxy.pairs) {
      pair.near.removeAllListeners('close')
      pair.near.removeAllListeners('data')
      pair.far.removeAllListeners('data')
      pair.near.resetAndDestroy()
      pair.asked = ''
    }
    return lost
  }

  /** Lets it come back; what its library says of that. */
  async back () {
    await this.proxy.accept()
    return this.connects.next()
  }

  /** Ends it as a well-behaved page does. */
  leave () {
    present.delete(this)
    // Version 3 keeps a namespace that was refused, and for its sake the connection.
    this.socket.io.reconnection(false)
    this.socket.disconnect()
    this.socket.io.engine?.close()
    this.proxy?.close()
  }
}

/** A client that is connected and has had its welcome. With `proxied` it may be cut off. */
export async function guest (client, demo, { proxied = false, ...options } = {}) {
  const proxy = proxied ? await Watch.before(demo) : undefined
  const one = new Guest(client, proxy?.url ?? demo.url, { proxy, ...options })
  one.first = await one.connects.next()
  one.welcome = await one.welcomes.next()
  return one
}

let rooms = 0

/** A room that nobody else is in, made by this client, with these clients in it. */
export async function roomOf (...guests) {
  const name = `room ${++rooms} of ${process.pid}`
  assert.equal((await guests[0].ask('createChatRoom', { name })).didCreate, true)
  await Promise.all(guests.map(one => one.join(name)))
  return name
}

function closeGuests () {
  for (const one of present) one.leave()
}

/** A demo for the tests of this file, and an end to every client after each of them. */
export function useTable (env) {
  after(closeGuests)
  afterEach(closeGuests)
  return useDemo(env)
}
