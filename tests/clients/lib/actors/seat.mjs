// A websocket to an actor, frame by frame.

import WebSocket from 'ws'
import { once } from 'node:events'
import { CODECS } from './frames.mjs'
import { until, within } from '../wait.mjs'

/** One websocket and all that came through it. */
export class Seat {
  /** Opens it. `params` is what the client would be given, `encoding` is named only if it is given. */
  static async open (server, path, { encoding, params, protocols, headers, codec = encoding ?? 'json' } = {}) {
    const offered = protocols ?? [
      'rivet',
      ...encoding ? [`rivet_encoding.${encoding}`] : [],
      ...params === undefined ? [] : [`rivet_conn_params.${encodeURIComponent(JSON.stringify(params))}`]
    ]
    const socket = new WebSocket(`ws://${server.host}${path}`, offered, { headers, perMessageDeflate: false })
    const seat = new Seat(socket, CODECS[codec])
    await within(5_000, 'the websocket opens', once(socket, 'open'))
    return seat
  }

  constructor (socket, codec) {
    Object.assign(this, { socket, codec, frames: [], close: null, taken: 0 })
    socket.on('message', (data, binary) => this.frames.push({ data, binary }))
    socket.on('close', (code, reason) => { this.close = { code, reason: String(reason) } })
    socket.on('error', () => {})
  }

  /** The protocol that the server chose. */
  get protocol () {
    return this.socket.protocol
  }

  /** Sends a frame as the encoding has it; strings and bytes go as they are. */
  send (frame) {
    const plain = typeof frame === 'string' || Buffer.isBuffer(frame)
    this.socket.send(plain ? frame : this.codec.encode(frame))
  }

  /** The next frame as it came. */
  async raw (ms = 5_000) {
    const told = () => `closed: ${JSON.stringify(this.close)}`
    const there = () => this.taken < this.frames.length || this.close
    await until('a frame comes', there, ms, told)
    if (this.taken >= this.frames.length) throw new Error(`no frame came, ${told()}`)
    return this.frames[this.taken++]
  }

  /** The next frame, read. */
  async next (ms) {
    return this.codec.decode((await this.raw(ms)).data)
  }

  /** Calls an action and returns the first frame that comes then. */
  ask (id, name, ...args) {
    this.send({ tag: 'ActionRequest', id, name, args })
    return this.next()
  }

  subscribe (eventName, subscribe = true) {
    this.send({ tag: 'SubscriptionRequest', eventName, subscribe })
  }

  /** How the server closed it. */
  async closed (ms = 5_000) {
    const told = () => `frames: ${this.frames.map(({ data }) => data.toString('latin1').slice(0, 200))}`
    await until('the server closes', () => this.close, ms, told)
    return this.close
  }

  async dispose () {
    this.socket.terminate()
  }
}
