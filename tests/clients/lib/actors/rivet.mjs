// One face for all versions of RivetKit's client.

import { Connection } from './connection.mjs'

/**
 * A client under test. `make(endpoint, options)` is the package's own way to make a client, `socket` the name of its
 * method for raw websockets.
 */
export function rivet ({ version, encoding = 'bare', make, socket = 'webSocket' }) {
  return {
    name: `rivetkit ${version} ${encoding}`,
    family: 'rivetkit',
    version,
    encoding,
    stateless: true,
    open: (url, options) => new Client(make({ endpoint: url, encoding, ...options }), socket)
  }
}

class Client {
  constructor (raw, socket) {
    Object.assign(this, { raw, socket })
  }

  getOrCreate (name, key, { params, input } = {}) {
    return this.#handle(name, this.raw[name].getOrCreate(key, { params, createWithInput: input }))
  }

  get (name, key, { params } = {}) {
    return this.#handle(name, this.raw[name].get(key, { params }))
  }

  getForId (name, id, { params } = {}) {
    return this.#handle(name, this.raw[name].getForId(id, { params }))
  }

  async create (name, key, { params, input } = {}) {
    return this.#handle(name, await this.raw[name].create(key, { params, input }))
  }

  dispose () {
    return this.raw.dispose()
  }

  #handle (name, raw) {
    return new Handle(name, raw, this.socket)
  }
}

class Handle {
  constructor (name, raw, socket) {
    Object.assign(this, { name, raw, socket })
  }

  call (name, ...args) {
    return this.raw.action({ name, args })
  }

  async connect () {
    return new RivetConnection(this.name, this.raw.connect())
  }

  id () {
    return this.raw.resolve()
  }

  fetch (path, init) {
    return this.raw.fetch(path, init)
  }

  webSocket (path) {
    return this.raw[this.socket](path)
  }
}

class RivetConnection extends Connection {
  constructor (name, raw) {
    super(name, raw)
    /** Errors of the connection, as the client told them to its listeners. */
    this.errors = []
    /** What became of it, in order. */
    this.statuses = []
    raw.onError(error => this.errors.push(error))
    raw.onStatusChange(status => this.statuses.push(status))
  }

  call (name, ...args) {
    return this.raw.action({ name, args })
  }

  get status () {
    return this.raw.connStatus
  }
}
