// An engine.io client by hand. Tests decide about every request, every socket and every packet: nothing is polled,
// answered or upgraded unless they say so.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Raw, TEXT, Wire, encode, upgradeRequest } from '../raw.mjs'

/** What stands between two packets of protocol 4. */
export const SEPARATOR = '\u001e'
export const ENGINE = '/engine.io/'
export const PRIMUS = '/primus/'

/** A target, written as it is: names and values are not encoded, `undefined` leaves a name out. */
export function target (path, params) {
  const pairs = Object.entries(params).filter(([, value]) => value !== undefined)
  return `${path}?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`
}

/** The query of a handshake. */
export function handshake (params = {}, path = ENGINE) {
  return target(path, { EIO: 4, transport: 'polling', t: 'x', ...params })
}

/** Packets in one body, as text. */
export function payload (packets, eio = 4) {
  return eio === 3 ? packets.map(packet => `${packet.length}:${packet}`).join('') : packets.join(SEPARATOR)
}

/** The packets of a body. In protocol 3 a length counts UTF-16 code units, as strings do here. */
export function packets (body, eio = 4) {
  if (eio !== 3) return body.split(SEPARATOR)
  const found = []
  for (let at = 0; at < body.length;) {
    const colon = body.indexOf(':', at)
    const length = Number(body.slice(at, colon))
    assert.ok(colon > at && length > 0 && colon + length < body.length, `a payload of protocol 3: ${body.slice(at, at + 80)}`)
    found.push(body.slice(colon + 1, colon + 1 + length))
    at = colon + 1 + length
  }
  return found
}

/** A frame as a message packet. */
export const message = frame => `4${JSON.stringify(frame)}`

/** The bytes of a request's head. */
export function head (demo, method, url, headers = {}, version = '1.1') {
  const lines = Object.entries({ Host: demo.host, ...headers }).filter(([, value]) => value !== undefined)
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`${method} ${url} HTTP/${version}\r\n${fields}\r\n`, 'latin1')
}

/**
 * Sends a request. On a `wire` that is given it is one of many, otherwise it has a connection of its own and says that
 * there will be no other, as clients in node do.
 */
export function exchange (demo, method, url, { headers = {}, body, version, wire, ms } = {}) {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body)
  const length = body === undefined ? {} : { 'Content-Length': bytes.length }
  const last = wire ? {} : { Connection: 'close' }
  const line = wire ?? new Wire(demo)
  line.write(Buffer.concat([head(demo, method, url, { ...last, ...length, ...headers }, version), bytes]))
  return { wire: line, answer: reading(line, ms) }
}

/**
 * Resolves when the server has read what those wires carry. Nothing shows that a GET waits; but what was sent before many
 * round trips on other connections has been read when they are over.
 */
export async function arrived (demo, ...wires) {
  await Promise.all(wires.map(({ socket }) => socket.connecting && new Promise(resolve => socket.once('connect', resolve))))
  for (let n = 0; n < 20; n++) await refusal(demo, 'GET', handshake({ EIO: 0 }))
}

/** The next answer on a wire; answers come in the order of their requests. */
export function reading (wire, ms = 10_000) {
  const answer = (wire.reading ?? Promise.resolve()).then(() => answerOn(wire, ms))
  wire.reading = answer.catch(() => {})
  return answer
}

async function answerOn (wire, ms) {
  const { status, headers } = await wire.head(ms)
  const bytes = await bodyOn(wire, headers, ms)
  const body = bytes.toString('utf8')
  const json = /json/.test(headers['content-type'] ?? '') && body ? JSON.parse(body) : undefined
  return { status, headers, bytes, body, json }
}

async function bodyOn (wire, headers, ms) {
  const take = length => wire.when(`${length} bytes of a body`, () => wire.bytes.length >= length || wire.gone, ms).then(() => {
    assert.ok(wire.bytes.length >= length, `closed after ${wire.bytes.length} of ${length} bytes`)
    const bytes = wire.bytes.subarray(0, length)
    wire.bytes = wire.bytes.subarray(length)
    return bytes
  })
  if (headers['content-length'] !== undefined) return take(Number(headers['content-length']))
  if (headers['transfer-encoding'] !== 'chunked') return wire.rest(ms)
  const parts = []
  for (;;) {
    const end = await wire.when('a chunk', () => wire.bytes.indexOf('\r\n') + 1, ms)
    const size = parseInt((await take(end + 1)).toString('latin1'), 16)
    parts.push((await take(size + 2)).subarray(0, size))
    if (size === 0) return Buffer.concat(parts)
  }
}

/** The refusal that a request gets: status, code and text in one list. */
export async function refusal (demo, method, url, options) {
  const { status, json } = await exchange(demo, method, url, options).answer
  return [status, json?.code, json?.message]
}

export const UNKNOWN_SID = [400, 1, 'Session ID unknown']
export const BAD_REQUEST = [400, 3, 'Bad request']

/** A session that began with polling. */
export class Session {
  /** The handshake alone. What came with the open packet waits in `queue`. */
  static async open (demo, { path = ENGINE, eio = 4, params = {}, ...options } = {}) {
    const answer = await exchange(demo, 'GET', handshake({ EIO: eio, ...params }, path), options).answer
    assert.equal(answer.status, 200, answer.body)
    const [first, ...others] = packets(answer.body, eio)
    assert.equal(first[0], '0', 'the open packet is the first one')
    return Object.assign(new Session(), { demo, path, eio, answer, params, data: JSON.parse(first.slice(1)), queue: others })
  }

  get sid () { return this.data.sid }

  url (more = {}) {
    return handshake({ EIO: this.eio, ...this.params, sid: this.sid, ...more }, this.path)
  }

  /** A GET that may have to wait. */
  get (options) { return exchange(this.demo, 'GET', this.url(), options) }

  /** A GET that waits: the server has read it and has nothing to answer. */
  async waiting (options) {
    const { wire, answer } = this.get(options)
    answer.catch(() => {})
    await arrived(this.demo, wire)
    return { wire, answer }
  }

  /** A POST of packets, or of a body that is written as it is. */
  post (body, options = {}) {
    const text = Array.isArray(body) ? payload(body, this.eio) : body
    return exchange(this.demo, 'POST', this.url(), {
      ...options, body: text, headers: { 'Content-Type': 'text/plain;charset=UTF-8', ...options.headers }
    })
  }

  /** The packets of the next GET. */
  async poll (options) { return this.taken(await this.get(options).answer) }

  /** The packets of an answer to a GET. */
  taken ({ status, body }) {
    assert.equal(status, 200, body)
    return packets(body, this.eio)
  }

  /** The next packet, polled for if there is none. */
  async packet (options) {
    while (this.queue.length === 0) this.queue.push(...await this.poll(options))
    return this.queue.shift()
  }

  /** The next packet as the frame in it. */
  async frame (options) { return frameIn(await this.packet(options)) }

  /** Posts frames and waits for the server's `ok`. */
  async send (...frames) {
    const { status, body } = await this.post(frames.map(message)).answer
    assert.deepEqual([status, body], [200, 'ok'])
  }

  /** Posts a frame and returns the next one that comes. */
  async ask (frame) {
    await this.send(frame)
    return this.frame()
  }

  /** A websocket for this session; `first` goes out together with its request. */
  candidate ({ params = {}, first = [], ...options } = {}) {
    const path = this.url({ transport: 'websocket', ...params })
    return Raw.open(this.demo, { path, first: Buffer.concat(first.map(packet => encode(TEXT, packet))), ...options })
  }

  /** A websocket that has been probed. */
  async probed (options) {
    const raw = await this.candidate(options)
    raw.send('2probe')
    assert.equal(await raw.next(), '3probe')
    return raw
  }

  /** The websocket to which the session has gone over, with nothing lost on the way. */
  async upgraded (options) {
    const raw = await this.probed(options)
    raw.send('5')
    return raw
  }

  /** What a GET with this session's id is told. */
  refused (options) { return refusal(this.demo, 'GET', this.url(), options) }

  /** Fails unless the server has forgotten the session. */
  async forgotten () { assert.deepEqual(await this.refused(), UNKNOWN_SID) }
}

/** The frame in a message packet. */
export function frameIn (packet) {
  assert.equal(packet[0], '4', `a message, not ${packet.slice(0, 80)}`)
  return JSON.parse(packet.slice(1))
}

/** A session that has read its welcome. */
export async function connected (demo, options) {
  const session = await Session.open(demo, options)
  const { welcome } = await session.frame()
  assert.ok(welcome, 'the welcome is the first message')
  return session
}

/** A session that never polls: a websocket from the start. `data` is what the open packet says. */
export async function socket (demo, { path = ENGINE, eio = 4, params = {}, welcome = true, ...options } = {}) {
  const raw = await Raw.open(demo, { path: handshake({ EIO: eio, transport: 'websocket', ...params }, path), ...options })
  const open = await raw.next()
  assert.equal(open[0], '0', 'the open packet is the first one')
  raw.data = JSON.parse(open.slice(1))
  if (welcome) assert.ok((await frameOn(raw)).welcome)
  return raw
}

/** The next frame on a websocket. */
export async function frameOn (raw, ms) { return frameIn(await raw.next(ms)) }

/** Sends a frame on a websocket and returns the next one that comes. */
export function askOn (raw, frame) {
  raw.send(message(frame))
  return frameOn(raw)
}

/** How the server refuses a websocket in HTTP: a list as of `refusal`, and the headers. */
export async function upgradeRefused (demo, url, { headers = {} } = {}) {
  const wire = new Wire(demo)
  wire.write(upgradeRequest(demo, { path: url, headers }).text)
  const { status, headers: got, json } = await reading(wire)
  return { refusal: [status, json?.code, json?.message], headers: got }
}

/** An id that nobody has. */
export const strangeId = () => randomBytes(18).toString('base64url')
