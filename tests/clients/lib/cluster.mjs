// Several nodes over one Redis. The nodes are processes of the example `nodes`, or of the demo; what a
// test asks of them it asks as a client does, over a websocket or HTTP.

import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { ask, closeClients, connect } from './client.mjs'
import { binary, example, launch } from './demo.mjs'
import { sendJson } from './http.mjs'
import { Proxy } from './proxy.mjs'
import { closeSockets, rawConnect } from './raw.mjs'
import { Redis } from './redis.mjs'
import { until } from './wait.mjs'

/** How many rounds the tests go that do the same again and again. */
export const ROUNDS = Number(process.env.ROUNDS ?? 20)

/** The connections of a node to Redis: one for commands, one for subscriptions. */
const CONNECTIONS = 2

/** What makes a process one of several nodes; times are in milliseconds. */
export function clustered ({ url, prefix = 'test', lease = 2_000, timeout = 1_000, calls = 2_000, ca, env = {} }) {
  return {
    PLAYHOUSE_ENGINE: 'redis',
    PLAYHOUSE_REDIS__URL: url,
    PLAYHOUSE_REDIS__PREFIX: prefix,
    PLAYHOUSE_REDIS__LEASE: String(lease),
    PLAYHOUSE_REDIS__TIMEOUT: String(timeout),
    PLAYHOUSE_CLUSTER__TIMEOUT: String(calls),
    PLAYHOUSE_FILES__FOLDER: 'demo/public',
    ...(ca ? { PLAYHOUSE_REDIS__CA_FILE: ca } : {}),
    ...env
  }
}

/** Starts a node without waiting for it. */
export function launchNode ({ app = 'nodes', ...options }) {
  const command = app === 'demo' ? binary() : example(app)
  return launch({ command, env: clustered(options) })
}

/** Several nodes, their Redis, and a proxy before it for each where a test wants to disturb what they say. */
class Cluster {
  constructor (count, { proxied = false, redis = {}, ...options }) {
    Object.assign(this, { count, proxied, redisOptions: redis, options, nodes: [], proxies: [], rooms: 0 })
  }

  async begin () {
    this.redis = await Redis.start(this.redisOptions)
    const places = Array.from({ length: this.count }, (_, n) => n)
    if (this.proxied) this.proxies = await Promise.all(places.map(() => Proxy.before(this.redis)))
    await Promise.all(places.map(n => this.replace(n)))
  }

  /** Starts one more node, which is not among `nodes` and has no proxy. */
  node (options = {}) {
    const { url = this.redis.url(), ca = this.redis.tls?.ca } = options
    return launchNode({ ...this.options, url, ca, ...options }).listening()
  }

  /** Starts a node in its place among `nodes`, where none is or the former has ended. */
  async replace (n) {
    this.nodes[n] = await this.node({ url: this.redis.url({ port: this.proxies[n]?.port }) })
    return this.nodes[n]
  }

  /** Does something to what all nodes say to Redis. */
  disturb (how) {
    return Promise.all(this.proxies.map(how))
  }

  /** Makes a room on the first node and waits until all know it. */
  async addRoom (name) {
    assert.equal((await done(this.nodes[0], 'addRoom', { name })).did, true, `${name} is new`)
    await Promise.all(this.nodes.map(node => untilRoom(node, name)))
    return name
  }

  /** A room that no other test of this file uses. */
  freshRoom () {
    return this.addRoom(`room ${++this.rooms}`)
  }

  /**
   * Waits until all nodes say that all is well, and are connected. A node whose connections were cut a moment ago
   * may not know yet, and miss what is said meanwhile; Redis knows.
   */
  async untilWell (ms = 10_000) {
    let guests
    await until('Redis has the connections of all nodes', async () =>
      (guests = await this.redis.guests()) === CONNECTIONS * this.count, ms, () => `it has ${guests}`)
    await Promise.all(this.nodes.map(node => untilWell(node, ms)))
  }

  async end () {
    closeClients()
    closeSockets()
    let ends
    try {
      ends = await Promise.all(this.nodes.map(async node => ({ code: (await node.stop()).code, log: node.log })))
    } finally {
      for (const proxy of this.proxies) proxy.close()
      await this.redis?.stop()
    }
    for (const { code, log } of ends) {
      assert.equal(code, 0, 'every node ends well when told to')
      assert.equal(/panicked at .*\n.*/.exec(log)?.[0], undefined, 'and has never panicked')
    }
  }
}

/** A cluster for the tests of this file. */
export function useCluster (count, options = {}) {
  const cluster = new Cluster(count, options)
  // Hooks of one file may run side by side; those that need the nodes wait for this.
  cluster.ready = cluster.begin()
  cluster.ready.catch(() => {})
  before(() => cluster.ready)
  after(() => cluster.end())
  return cluster
}

/** A cluster for one test. */
export async function withCluster (count, options, test) {
  const cluster = new Cluster(count, options)
  try {
    await cluster.begin()
    await test(cluster)
  } catch (error) {
    await cluster.end().catch(() => {})
    throw error
  }
  await cluster.end()
}

/** A stock client that is a member of some rooms. */
export async function member (node, ...rooms) {
  const client = await connect(node.url)
  for (const room of rooms) ok(await ask(client, 'roomAdd', room))
  return client
}

/** The reply to a frame that a plain websocket sends; what comes before it stays to be read. */
export async function answer (raw, frame) {
  const messageId = `ask ${raw.asked = (raw.asked ?? 0) + 1}`
  raw.send({ ...frame, messageId })
  const { text } = await raw.when(`reply to ${JSON.stringify(frame)}`, () => {
    const at = raw.texts.findIndex(text => text.includes(messageId) && JSON.parse(text).messageId === messageId)
    if (at >= 0) return { text: raw.texts.splice(at, 1)[0] }
    return raw.gone && {}
  })
  assert.ok(text, `closed while a reply to ${JSON.stringify(frame)} was expected`)
  return JSON.parse(text)
}

/** Plain websockets that are members of a room, each with its `id`. */
export function crowd (node, size, room) {
  return Promise.all(Array.from({ length: size }, async () => {
    const raw = await rawConnect(node)
    raw.answerHeartbeats = true
    raw.id = (await answer(raw, { event: 'detailsView' })).data.id
    ok(await answer(raw, { event: 'roomAdd', room }))
    return raw
  }))
}

/** The reply, which must be a good one. */
export function ok (reply) {
  assert.equal(reply.error, undefined, JSON.stringify(reply))
  return reply
}

/** Runs an action over a client's websocket, and expects it to go well. */
export async function act (client, action, params) {
  return ok(await ask(client, 'action', action, params))
}

/** Runs an action over HTTP: `{ status, json }`. */
export function call (node, action, params = {}) {
  return sendJson(node, 'POST', `/api/${action}`, params)
}

/** Runs an action over HTTP, and expects it to go well. */
export async function done (node, action, params) {
  const { status, json } = await call(node, action, params)
  assert.equal(status, 200, `${action}: ${JSON.stringify(json)}`)
  return json
}

/** The ids of a room's members, as a member sees them, sorted. Their number must be what is said. */
export async function membersOf (client, room) {
  const { data } = ok(await ask(client, 'roomView', room))
  const ids = Object.keys(data.members).sort()
  assert.equal(data.membersCount, ids.length)
  return ids
}

/** Waits until each of these clients sees exactly those members in a room. */
export async function untilMembers (clients, room, expected, ms = 5_000) {
  const wanted = expected.map(member => member.id ?? member).sort()
  let seen = []
  for (const client of clients) {
    await until('the members are right', async () => {
      const reply = await ask(client, 'roomView', room)
      seen = reply.error ? [reply.error] : Object.keys(reply.data.members).sort()
      return JSON.stringify(seen) === JSON.stringify(wanted)
    }, ms, () => `${room} should have ${wanted.length}: ${wanted}\nand has ${seen.length}: ${seen}`)
  }
}

/** The rooms that a node knows. */
export async function roomNames (node) {
  return (await done(node, 'roomNames')).names
}

/** Waits until a node knows a room, or knows it no more; news of rooms take a second at most. */
export function untilRoom (node, name, there = true) {
  return until(`${name} is ${there ? 'there' : 'gone'} on ${node.url}`, async () =>
    (await roomNames(node)).includes(name) === there, 1_000)
}

/** What is wrong, as a node says itself. */
export async function problems (node) {
  return (await done(node, 'well')).problems
}

/** What is wrong now. That messages may have been missed is told for a minute, however well all is. */
export async function troubles (node) {
  return (await problems(node)).filter(text => !/^messages: .* may have missed some/.test(text))
}

/** Waits until a node says that all is well. */
async function untilWell (node, ms = 10_000) {
  let said = []
  await until('the node has no problems', async () => (said = await troubles(node)).length === 0, ms,
    () => `the problems are ${JSON.stringify(said)}`)
}

/** Waits until a node names a problem that looks so, and returns all that it names. */
export async function untilTrouble (node, pattern, ms = 10_000) {
  let said = []
  return until(`a problem like ${pattern}`, async () => {
    said = await troubles(node)
    return said.some(text => pattern.test(text)) && said
  }, ms, () => `the problems are ${JSON.stringify(said)}`)
}
