// A websocket by hand, for everything that a decent client would not send: odd frames, broken
// frames, half requests. It speaks just enough of RFC 6455 to do so.

import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import { HOST } from './host.mjs'
import { within } from './wait.mjs'

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const opened = new Set()

export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** One masked frame, as clients send them. */
export function encode (opcode, payload = '', { fin = true, masked = true } = {}) {
  const body = Buffer.isBuffer(payload) ? Buffer.from(payload) : Buffer.from(payload, 'utf8')
  const head = [(fin ? 0x80 : 0) | opcode]
  const flag = masked ? 0x80 : 0
  if (body.length < 126) head.push(flag | body.length)
  else if (body.length < 65_536) head.push(flag | 126, body.length >> 8, body.length & 255)
  else {
    const long = Buffer.alloc(8)
    long.writeBigUInt64BE(BigInt(body.length))
    head.push(flag | 127, ...long)
  }
  if (!masked) return Buffer.concat([Buffer.from(head), body])
  const mask = randomBytes(4)
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i & 3]
  return Buffer.concat([Buffer.from(head), mask, body])
}

/** The request that opens a websocket. */
export function upgradeRequest (demo, { path = '/primus', headers = {}, key = randomBytes(16).toString('base64') } = {}) {
  const lines = {
    Host: demo.host, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key, ...headers
  }
  const text = Object.entries(lines).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return { key, text: `GET ${path} HTTP/1.1\r\n${text}\r\n` }
}

/** A TCP connection whose received bytes are kept. */
export class Wire {
  constructor (demo, { localAddress } = {}) {
    this.bytes = Buffer.alloc(0)
    this.waiting = new Set()
    this.gone = false
    this.socket = net.connect({ port: demo.port, host: demo.ip ?? HOST, localAddress })
    this.socket.setNoDelay(true)
    this.socket.on('error', () => {})
    this.ended = new Promise(resolve => {
      this.socket.on('close', () => { this.gone = true; opened.delete(this); this.wake(); resolve() })
    })
    this.socket.on('data', part => { this.take(part); this.wake() })
    opened.add(this)
  }

  take (part) {
    this.bytes = this.bytes.length ? Buffer.concat([this.bytes, part]) : part
  }

  wake () {
    for (const look of [...this.waiting]) look()
  }

  /** Resolves with the first truthy answer of `look`, which is asked whenever something arrives. */
  when (what, look, ms = 5_000) {
    let again
    const found = new Promise(resolve => {
      again = () => {
        const answer = look()
        if (answer) resolve(answer)
      }
      this.waiting.add(again)
      again()
    })
    return within(ms, what, found).finally(() => this.waiting.delete(again))
  }

  write (bytes) {
    if (!this.gone) this.socket.write(bytes)
  }

  destroy () {
    this.socket.destroy()
  }

  /** The head of an HTTP answer, with the rest left in `bytes`. */
  async head (ms) {
    const end = await this.when('an HTTP answer', () => {
      const at = this.bytes.indexOf('\r\n\r\n')
      return at >= 0 ? at + 4 : this.gone && -1
    }, ms)
    if (end < 0) throw new Error(`closed without an answer: ${this.bytes.toString('latin1')}`)
    const [first, ...lines] = this.bytes.subarray(0, end).toString('latin1').trimEnd().split('\r\n')
    this.bytes = this.bytes.subarray(end)
    const headers = {}
    for (const line of lines) headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim()
    return { status: Number(first.split(' ')[1]), headers }
  }

  /** All that has come when the server closes. */
  async rest (ms = 5_000) {
    await within(ms, 'the server closes', this.ended)
    return this.bytes
  }
}

/** A websocket whose text frames are read one after the other. */
export class Raw extends Wire {
  /** Opens it. `first` is sent in the same segment as the request. */
  static async open (demo, { first = Buffer.alloc(0), ...options } = {}) {
    const raw = new this(demo, options)
    const { key, text } = upgradeRequest(demo, options)
    raw.write(Buffer.concat([Buffer.from(text), first]))
    const { status, headers } = await raw.head()
    if (status !== 101) throw new Error(`upgrade answered with ${status}`)
    const accept = createHash('sha1').update(key + MAGIC).digest('base64')
    if (headers['sec-websocket-accept'] !== accept) throw new Error('wrong Sec-WebSocket-Accept')
    raw.open = true
    raw.take(Buffer.alloc(0))
    return raw
  }

  constructor (demo, options) {
    super(demo, options)
    this.open = false
    this.texts = []
    this.controls = []
    this.closeCode = null
    this.received = 0
    this.keep = true
    this.answerPings = true
    this.answerHeartbeats = false
  }

  take (part) {
    super.take(part)
    if (this.open) this.parse()
  }

  parse () {
    let at = 0
    for (;;) {
      const frame = decode(this.bytes, at)
      if (!frame) break
      at = frame.end
      this.frame(frame)
    }
    this.bytes = this.bytes.subarray(at)
  }

  frame ({ opcode, payload }) {
    this.received += 1
    if (opcode === TEXT) this.text(payload)
    if (opcode === CLOSE) this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
    if (opcode === PONG) this.controls.push(payload.toString('utf8'))
    if (opcode === PING && this.answerPings) this.write(encode(PONG, payload))
  }

  text (payload) {
    const heartbeat = this.answerHeartbeats && payload.toString('latin1', 0, 15) === '"primus::ping::'
    if (heartbeat) this.send(payload.toString('utf8').replace('ping', 'pong'))
    else if (this.keep) this.texts.push(payload.toString('utf8'))
  }

  /** Sends a text frame: a string as it is, anything else as JSON. */
  send (frame) {
    this.write(encode(TEXT, typeof frame === 'string' ? frame : JSON.stringify(frame)))
  }

  /** The text of the next frame. */
  next (ms) {
    return this.when('a text frame', () => {
      if (this.texts.length) return { text: this.texts.shift() }
      return this.gone && { text: null }
    }, ms).then(({ text }) => {
      if (text === null) throw new Error(`closed (${this.closeCode}) while a frame was expected`)
      return text
    })
  }

  /** The next frame as a value. */
  async value (ms) {
    return JSON.parse(await this.next(ms))
  }

  /** Sends a frame and returns the next one as a value. */
  ask (frame) {
    this.send(frame)
    return this.value()
  }

  /**
   * All frames that came before the answer to a `detailsView` sent now. Verbs are answered in
   * order, so a frame without an answer shows as an empty list.
   */
  async settled () {
    const mark = `mark-${randomBytes(6).toString('hex')}`
    this.send({ event: 'detailsView', messageId: mark })
    const before = []
    for (;;) {
      const text = await this.next()
      if (text.includes(mark)) return before
      before.push(text)
    }
  }

  /** Resolves with the close code when the server has closed: 1006 if it did so without a close frame. */
  async closed (ms = 5_000) {
    await this.when('the server closes', () => this.closeCode !== null || this.gone, ms)
    const code = this.closeCode ?? 1006
    if (this.closeCode !== null && !this.gone) this.write(encode(CLOSE, ''))
    await within(ms, 'the TCP connection ends', this.ended)
    return code
  }
}

/** A raw websocket that has read its welcome. */
export async function rawConnect (demo, options) {
  const raw = await Raw.open(demo, options)
  raw.welcome = await raw.value()
  return raw
}

/** One frame of the server at that place, or null while it is incomplete. */
export function decode (bytes, at) {
  if (bytes.length < at + 2) return null
  const opcode = bytes[at] & 15
  let length = bytes[at + 1] & 127
  let start = at + 2
  if (length === 126) {
    if (bytes.length < at + 4) return null
    length = bytes.readUInt16BE(at + 2)
    start = at + 4
  } else if (length === 127) {
    if (bytes.length < at + 10) return null
    length = Number(bytes.readBigUInt64BE(at + 2))
    start = at + 10
  }
  if (bytes.length < start + length) return null
  return { opcode, payload: bytes.subarray(start, start + length), end: start + length }
}

/** Closes every socket of this file. */
export function closeSockets () {
  for (const wire of [...opened]) wire.destroy()
}
