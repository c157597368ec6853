// actor-core 0.6.3. It has neither keys nor stateless calls: a key is one more tag here, and a call without a connection
// makes one for itself.

import './quiet.mjs'
import { Client as ActorCore } from 'actor-core/client'
import { Connection } from './connection.mjs'

export function actorCore ({ encoding = 'cbor', transport = 'websocket' } = {}) {
  return {
    name: `actor-core 0.6.3 ${encoding} ${transport}`,
    family: 'actor-core',
    version: '0.6.3',
    encoding,
    transport,
    stateless: false,
    open: url => new Client(new ActorCore(url, { encoding, supportedTransports: [transport] }))
  }
}

// A client that is disposed while it tries to connect leaves its failed promise to nobody.
const { emit } = process
process.emit = function (name, error, ...rest) {
  if (name === 'unhandledRejection' && error?.name === 'AbortError') return true
  return emit.call(this, name, error, ...rest)
}

/** The tags by which a name and a key are found. */
export function tagsOf (name, key) {
  return { name, key: JSON.stringify(key) }
}

class Client {
  constructor (raw) {
    this.raw = raw
  }

  getOrCreate (name, key, { params } = {}) {
    return new Handle(name, () => this.raw.get(tagsOf(name, key), { parameters: params }))
  }

  get (name, key, { params } = {}) {
    return new Handle(name, () => this.raw.get(tagsOf(name, key), { parameters: params, noCreate: true }))
  }

  getForId (name, id, { params } = {}) {
    return new Handle(name, () => this.raw.getWithId(id, { parameters: params }))
  }

  async create (name, key, { params } = {}) {
    const made = await this.raw.create({ create: { tags: tagsOf(name, key) }, parameters: params })
    return new Handle(name, async () => made)
  }

  dispose () {
    return this.raw.dispose()
  }
}

class Handle {
  constructor (name, open) {
    Object.assign(this, { name, open })
  }

  async call (name, ...args) {
    const connection = await this.connect()
    try {
      return await connection.call(name, ...args)
    } finally {
      await connection.dispose()
    }
  }

  async connect () {
    return new CoreConnection(this.name, await this.open())
  }
}

class CoreConnection extends Connection {
  call (name, ...args) {
    return this.raw.rpc(name, ...args)
  }
}
