// Just enough of Redis' protocol to ask a server something and read what it answers.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { HOST } from './host.mjs'
import { within } from './wait.mjs'

/** One connection; answers come in the order of the questions. */
export class Resp {
  /** Connects to a server of the tests, with its password and certificate if it has them. */
  static async open (redis) {
    const to = { host: HOST, port: redis.port }
    const socket = redis.tls ? tls.connect({ ...to, ca: readFileSync(redis.ca) }) : net.connect(to)
    await once(socket, redis.tls ? 'secureConnect' : 'connect')
    const client = new Resp(socket)
    if (redis.password) await client.ask('AUTH', redis.password)
    return client
  }

  constructor (socket) {
    this.socket = socket
    this.bytes = Buffer.alloc(0)
    this.waiting = []
    socket.on('data', part => this.take(part))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error('Redis closed the connection'))
    })
  }

  /** Sends one command and returns its answer; texts are taken as UTF-8, buffers as they are. */
  ask (...words) {
    const parts = words.flatMap(word => {
      const body = Buffer.isBuffer(word) ? word : Buffer.from(String(word))
      return [Buffer.from(`$${body.length}\r\n`), body, Buffer.from('\r\n')]
    })
    const answer = new Promise((resolve, reject) => { this.waiting.push({ resolve, reject }) })
    this.socket.write(Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]))
    return within(10_000, `Redis answers ${words[0]}`, answer)
  }

  /** Hears all that is published on topics that look so, as bytes; the connection is for nothing else then. */
  async overhear (pattern, heard) {
    this.binary = true
    const begun = new Promise(resolve => {
      this.listener = ([kind, , topic, bytes]) => {
        if (String(kind) === 'pmessage') heard(String(topic), bytes)
        else resolve()
      }
    })
    this.socket.write(`*2\r\n$10\r\nPSUBSCRIBE\r\n$${pattern.length}\r\n${pattern}\r\n`)
    await within(10_000, 'Redis subscribes', begun)
  }

  take (part) {
    this.bytes = Buffer.concat([this.bytes, part])
    for (;;) {
      const read = value(this.bytes, 0, this.binary ? 'buffer' : 'utf8')
      if (!read) return
      this.bytes = this.bytes.subarray(read.end)
      if (this.listener) {
        this.listener(read.value)
        continue
      }
      const { resolve, reject } = this.waiting.shift()
      if (read.value instanceof Error) reject(read.value)
      else resolve(read.value)
    }
  }

  close () {
    this.socket.destroy()
  }
}

/** The value at that place and where it ends, or null while it is incomplete. Long texts are read as told. */
function value (bytes, at, as) {
  const line = bytes.indexOf('\r\n', at)
  if (line < 0) return null
  const text = bytes.toString('utf8', at + 1, line)
  const end = line + 2
  switch (String.fromCharCode(bytes[at])) {
    case '+': return { value: text, end }
    case '-': return { value: new Error(text), end }
    case ':': return { value: Number(text), end }
    case '$': return bulk(bytes, Number(text), end, as)
    case '*': return list(bytes, Number(text), end, as)
    default: throw new Error(`Redis sent ${JSON.stringify(text)}`)
  }
}

function bulk (bytes, length, start, as) {
  if (length < 0) return { value: null, end: start }
  if (bytes.length < start + length + 2) return null
  const body = bytes.subarray(start, start + length)
  return { value: as === 'buffer' ? Buffer.from(body) : body.toString('utf8'), end: start + length + 2 }
}

function list (bytes, length, start, as) {
  if (length < 0) return { value: null, end: start }
  const values = []
  let end = start
  for (let n = 0; n < length; n++) {
    const item = value(bytes, end, as)
    if (!item) return null
    values.push(item.value)
    end = item.end
  }
  return { value: values, end }
}
