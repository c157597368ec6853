// engine.io and SockJS by hand, one request at a time: for clients that stop in the middle, and for what the real
// clients do not show of an answer.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import { HOST } from '../host.mjs'
import { within } from '../wait.mjs'

const opened = new Set()

/** An answer that is read while it comes. */
export class Reply {
  constructor (request) {
    this.request = request
    this.text = ''
    this.wakers = new Set()
    this.done = false
    this.head = new Promise((resolve, reject) => {
      request.on('response', response => {
        this.response = response
        response.setEncoding('utf8')
        response.on('data', part => { this.text += part; this.wake() })
        response.on('close', () => { this.done = true; opened.delete(request); this.wake() })
        resolve(response)
      })
      request.on('error', error => { this.done = true; this.wake(); reject(error) })
    })
    this.head.catch(() => {})
  }

  wake () {
    for (const look of [...this.wakers]) look()
  }

  /** Resolves when the text so far satisfies the condition. */
  async when (what, condition, ms = 5_000) {
    let look
    const seen = new Promise(resolve => {
      look = () => { if (condition(this.text)) resolve() }
      this.wakers.add(look)
      look()
    })
    try {
      await within(ms, what, seen)
    } catch (error) {
      error.message += `; there was ${JSON.stringify(this.text.slice(-500))}`
      throw error
    } finally {
      this.wakers.delete(look)
    }
    return this.text
  }

  /** The whole text, when it has ended. */
  async end (ms = 5_000) {
    await this.when('the answer ends', () => this.done, ms)
    return this.text
  }

  /** Drops the connection in the middle. */
  drop () {
    this.request.destroy()
  }
}

/** Sends a request and returns its answer before that has ended. */
export function begin (demo, method, path, { headers = {}, body } = {}) {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const request = http.request({
    host: demo.ip ?? HOST, port: demo.port, method, path, agent: false, headers: { ...length, ...headers }
  })
  opened.add(request)
  const reply = new Reply(request)
  request.end(body)
  return reply
}

/** Drops whatever is still under way. */
export function dropRequests () {
  for (const request of opened) request.destroy()
  opened.clear()
}

/** What the protocols of engine.io put around packets. */
const JOIN = {
  3: packets => packets.map(packet => `${packet.length}:${packet}`).join(''),
  4: packets => packets.join('\u001e')
}

/** A session of engine.io on polling, with one request at a time. */
export class EnginePoll {
  static async open (demo, { version = 4, mount = '/engine.io/' } = {}) {
    const poll = new EnginePoll(demo, version, mount)
    const first = await poll.get()
    poll.sid = JSON.parse(/\{.*?\}/.exec(first)[0]).sid
    return poll
  }

  constructor (demo, version, mount) {
    Object.assign(this, { demo, version, mount })
  }

  get path () {
    const sid = this.sid ? `&sid=${this.sid}` : ''
    return `${this.mount}?EIO=${this.version}&transport=polling${sid}`
  }

  /** The text of one poll; throws unless it is 200. */
  async get (ms) {
    const reply = begin(this.demo, 'GET', this.path)
    const text = await reply.end(ms)
    const { statusCode } = await reply.head
    if (statusCode !== 200) throw new Error(`polled with ${statusCode}: ${text}`)
    return text
  }

  async post (...packets) {
    const body = JOIN[this.version](packets)
    const reply = begin(this.demo, 'POST', this.path, { body, headers: { 'content-type': 'text/plain;charset=UTF-8' } })
    return reply.end()
  }

  send (frame) {
    return this.post(`4${JSON.stringify(frame)}`)
  }
}

/** The URL of a new session of SockJS. */
export function sockjsSession (mount = '/sockjs') {
  return `${mount}/000/${randomBytes(8).toString('hex')}`
}

/** A session of SockJS whose receiving requests are made one by one. */
export class SockjsPoll {
  /** A session that was opened and welcomed. */
  static async welcomed (demo, mount) {
    const session = new SockjsPoll(demo, mount)
    assert.equal(await session.poll(), 'o')
    assert.ok('welcome' in messages(await session.poll())[0])
    return session
  }

  constructor (demo, mount) {
    this.demo = demo
    this.url = sockjsSession(mount)
  }

  /** A request that receives: `xhr`, `xhr_streaming`, or `eventsource`. */
  receive (transport = 'xhr', options) {
    return begin(this.demo, transport === 'eventsource' ? 'GET' : 'POST', `${this.url}/${transport}`, options)
  }

  /** The frame that one poll brings, without its end of line. */
  async poll (ms) {
    const reply = this.receive()
    const text = await reply.end(ms)
    const { statusCode } = await reply.head
    return statusCode === 200 ? text.replace(/\n$/, '') : statusCode
  }

  /** Sends texts; the status of the answer. */
  async send (...texts) {
    return this.post(JSON.stringify(texts))
  }

  async post (body, headers) {
    const reply = begin(this.demo, 'POST', `${this.url}/xhr_send`, { body, headers })
    await reply.end()
    return (await reply.head).statusCode
  }

  say (frame) {
    return this.send(JSON.stringify(frame))
  }
}

/** The frames of the application in an `a` frame. */
export function messages (frame) {
  if (!frame.startsWith('a')) throw new Error(`not an array of messages: ${frame}`)
  return JSON.parse(frame.slice(1)).map(text => JSON.parse(text))
}
