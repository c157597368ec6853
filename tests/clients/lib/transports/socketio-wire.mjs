// socket.io by hand, on a websocket and on polling: nothing is connected, answered or acknowledged unless a test says so.

import assert from 'node:assert/strict'
import { BINARY, Raw, encode } from '../raw.mjs'
import { until } from '../wait.mjs'
import { ROOM } from './engine-room.mjs'
import { Session, handshake, target } from './engine.mjs'

export const SOCKETIO = '/socket.io/'
export const MAIN = '/'

/** The URL of an engine's handshake. */
export const engineUrl = (params = {}) => handshake(params, SOCKETIO)

/** What stands between a packet's type and its data. */
const head = (namespace, id = '') => (namespace === MAIN ? '' : `${namespace},`) + id

/** A text packet in its parts. */
export function parse (text) {
  const [, type, attachments, namespace, id, data] = /^(\d)(?:(\d+)-)?(?:(\/[^,]*),?)?(\d*)([^]*)$/.exec(text)
  return {
    type: Number(type),
    attachments: attachments === undefined ? 0 : Number(attachments),
    namespace: namespace ?? MAIN,
    id: id === '' ? undefined : Number(id),
    data: data === '' ? undefined : JSON.parse(data)
  }
}

/** Connects a namespace as a client writes it. */
export const connectPacket = (auth, namespace = MAIN) => `0${head(namespace)}${auth === undefined ? '' : JSON.stringify(auth)}`

/** An event as a client writes it. */
export const eventPacket = (args, { namespace = MAIN, id } = {}) => `2${head(namespace, id)}${JSON.stringify(args)}`

/** A binary event as a client writes it. */
export const binaryPacket = (args, count, { namespace = MAIN, id } = {}) => `5${count}-${head(namespace, id)}${JSON.stringify(args)}`

/** Where the bytes of an attachment belong. */
export const hole = num => ({ _placeholder: true, num })

/** An engine on a websocket. What comes is kept in order, pings are answered and counted. */
export class Line extends Raw {
  /** The engine's handshake alone. */
  static async begin (demo, { params = {}, ...options } = {}) {
    const line = await Line.open(demo, { path: target(SOCKETIO, { EIO: 4, transport: 'websocket', ...params }), ...options })
    const open = await line.next()
    assert.equal(open[0], '0', 'the open packet is the first one')
    return Object.assign(line, { data: JSON.parse(open.slice(1)) })
  }

  constructor (demo, options) {
    super(demo, options)
    this.pings = 0
    this.ids = 0
    this.pong = true
  }

  frame (frame) {
    if (frame.opcode === BINARY) this.texts.push(Buffer.from(frame.payload))
    super.frame(frame)
  }

  text (payload) {
    if (payload.length !== 1 || payload[0] !== 0x32) return super.text(payload)
    this.pings += 1
    if (this.pong) this.send('3')
  }

  /** Sends packets, each as a message of the engine; a Buffer is an attachment. All go out in one segment. */
  give (...packets) {
    this.write(Buffer.concat(packets.map(packet => Buffer.isBuffer(packet) ? encode(BINARY, packet) : encode(1, `4${packet}`))))
  }

  /** The next message of the engine: a packet's text, or the bytes of an attachment. */
  async packet (ms) {
    const text = await this.next(ms)
    if (Buffer.isBuffer(text)) return text
    assert.equal(text[0], '4', `a message, not ${text.slice(0, 80)}`)
    return text.slice(1)
  }

  /** The next packet, in its parts. */
  async parsed (ms) { return parse(await this.packet(ms)) }

  /** The next event, as a list. */
  async event (ms) {
    const { type, data } = await this.parsed(ms)
    assert.equal(type, 2, `an event, not ${type} ${JSON.stringify(data)}`)
    return data
  }

  /** Connects a namespace; what the server answers, in its parts. */
  async join (auth, namespace) {
    this.give(connectPacket(auth, namespace))
    return this.parsed()
  }

  /** Connects a namespace, which must succeed; its sid and pid. */
  async connect (auth, namespace = MAIN) {
    const { type, namespace: where, data } = await this.join(auth, namespace)
    assert.deepEqual([type, where], [0, namespace], JSON.stringify(data))
    return data
  }

  /** Sends an event and returns the one argument of its ack; what else comes stays where it is. */
  async ask (args, { namespace = MAIN, id = this.ids++ } = {}) {
    this.give(eventPacket(args, { namespace, id }))
    return this.acked(id, namespace)
  }

  /** The one argument of that ack. */
  async acked (id, namespace = MAIN) {
    const begin = `43${head(namespace, id)}[`
    const text = await this.when(`the ack of ${id}`, () => {
      const at = this.texts.findIndex(one => typeof one === 'string' && one.startsWith(begin))
      if (at < 0 && this.gone) return 'gone'
      return at >= 0 && this.texts.splice(at, 1)[0]
    })
    assert.notEqual(text, 'gone', `closed before the ack of ${id}`)
    const { data } = parse(text.slice(1))
    assert.equal(data.length, 1, 'an ack has one argument')
    return data[0]
  }

  /** Everything that had come before the answer to a question asked now. */
  async before (options) {
    await this.ask(['detailsView'], options)
    return this.texts.splice(0)
  }

  /** Resolves when the server has closed the engine. */
  ends (ms) { return this.closed(ms) }

  /** Fails unless the engine is open and its namespace answers. */
  async lives (namespace) {
    const { status, data } = await this.ask(['detailsView'], { namespace })
    assert.equal(status, 'OK')
    return data
  }
}

/** An engine on which a namespace is connected and welcomed: `sid`, `pid`, and the offset that came with the welcome. */
export async function lineAt (demo, { auth, namespace = MAIN, ...options } = {}) {
  const line = await Line.begin(demo, options)
  Object.assign(line, await line.connect(auth, namespace))
  const [name, welcome, offset] = await line.event()
  assert.equal(name, 'welcome')
  return Object.assign(line, { welcome, offset })
}

/** Somebody in the room, with its key and its offset. */
export async function member (demo, options) {
  const line = await lineAt(demo, options)
  assert.equal((await line.ask(['roomAdd', ROOM])).status, 'OK')
  return line
}

/** An engine that connects with that key and offset. */
export async function claim (demo, auth) {
  const line = await Line.begin(demo)
  return Object.assign(line, await line.connect(auth))
}

/** The next so many events: the messages of chat, the names of others. The last one's offset stays at the line. */
export async function events (line, count) {
  const got = []
  for (let n = 0; n < count; n++) {
    const [name, value, offset] = await line.event()
    got.push(name === 'say' ? value.message : name)
    line.offset = offset
  }
  return got
}

/** An engine on polling. */
export const pollBegin = (demo, options) => Session.open(demo, { path: SOCKETIO, ...options })

/** The next packet, in its parts, or the bytes of an attachment. Pings are answered. */
export async function packetOn (session) {
  for (;;) {
    const packet = await session.packet()
    if (packet[0] === 'b') return Buffer.from(packet.slice(1), 'base64')
    if (packet[0] === '4') return parse(packet.slice(1))
    assert.equal(packet, '2', 'a message or a ping')
    await session.post(['3']).answer
  }
}

/** A session on polling whose main namespace is connected and welcomed. */
export async function pollAt (demo, options) {
  const session = await pollBegin(demo, options)
  await give(session, '0')
  const connect = await packetOn(session)
  assert.equal(connect.type, 0)
  const { data: [name, , offset] } = await packetOn(session)
  assert.equal(name, 'welcome')
  return Object.assign(session, { id: connect.data.sid, pid: connect.data.pid, offset })
}

/** Posts packets; a Buffer is an attachment. Status and text of the answer. */
export async function give (session, ...packets) {
  const { status, body } = await session.post(packets.map(packet =>
    Buffer.isBuffer(packet) ? `b${packet.toString('base64')}` : `4${packet}`)).answer
  return [status, body]
}

/** Ends a session on polling: a server that is told to end waits a while for those who do not. */
export async function bye (session) { await session.post(['1']).answer }

/** Resolves when the server has forgotten that session. */
export function forgotten (session) {
  return until('the session is forgotten', async () => {
    const [status, code] = await session.refused({ ms: 2_000 })
    return status === 400 && code === 1
  })
}
