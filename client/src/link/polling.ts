// A connection made of requests, for networks that let no websocket through: SockJS' polling, with the face of a
// websocket. One request waits for what the server says; another one, at most, carries what was written meanwhile.

import { guarded } from '../guarded'
import type { Socket } from './socket'

const OPEN = 1
const CLOSING = 2
const CLOSED = 3
/** So many characters go into one request, or one message: a quarter of a MiB at most. */
const LOAD = 80_000
/** The server notices an end by a request that is dropped. This long it may take until one is there to be dropped. */
const LINGER = 200
/** The same where something is still being sent. */
const PATIENCE = 5_000

/** Whether there is what it needs. */
export function canPoll (): boolean {
  return typeof fetch === 'function' && typeof AbortController === 'function'
}

export class Polling implements Socket {
  readyState = 0
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onerror: Socket['onerror'] = null
  onclose: Socket['onclose'] = null
  private readonly base: string
  private readonly query: string
  private readonly headers: { [name: string]: string } = {}
  private readonly unsent: string[] = []
  private readonly asking = new Set<AbortController>()
  private sending = false
  private turns = 0
  private lingering: any

  /** `url` is that of a websocket. Its query goes with each request, and a number behind it. */
  constructor (url: string, headers?: object) {
    const [, scheme, auth, path, query] = /^(\w+:\/\/)(?:([^/?]*)@)?([^?]*)(.*)$/.exec(url.replace(/^ws/, 'http'))!
    this.base = scheme! + path + session()
    this.query = query + (query ? '&' : '?') + '_turn='
    // Requests take no address with a password in it. Its bytes are wanted, which no other function gives as a text.
    if (auth) this.headers.Authorization = 'Basic ' + btoa(unescape(auth))
    Object.assign(this.headers, headers)
    this.attempt(async () => {
      while (this.readyState < CLOSED) this.take(await this.ask('/xhr'))
    })
  }

  send (text: string): void {
    this.unsent.push(JSON.stringify(text))
    if (this.sending) return
    this.sending = true
    this.attempt(async () => {
      // What is written in one turn goes in one request.
      await null
      while (this.unsent.length) await this.ask('/xhr_send', `[${this.load()}]`)
      this.sending = false
      if (this.readyState === CLOSING) this.linger()
    })
  }

  /** Ends it when all is sent. */
  close (): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSING
    // A server that takes nothing is not waited for.
    this.linger(this.sending ? PATIENCE : LINGER)
  }

  terminate (): void {
    this.readyState = CLOSED
    clearTimeout(this.lingering)
    for (const request of this.asking) request.abort()
  }

  private linger (time = LINGER): void {
    clearTimeout(this.lingering)
    this.lingering = setTimeout(() => this.terminate(), time)
  }

  /** The messages of the next request. */
  private load (): string[] {
    let length = 0
    const over = this.unsent.findIndex((text, n) => (length += text.length) > LOAD && n > 0)
    return this.unsent.splice(0, over < 0 ? this.unsent.length : over)
  }

  private async ask (what: string, body?: string): Promise<string> {
    const { headers, asking } = this
    // Browsers send a request again by themselves if its connection breaks. By its number the server knows it.
    const url = this.base + what + this.query + ++this.turns
    const request = new AbortController()
    asking.add(request)
    try {
      const { signal } = request
      const answer = await fetch(url, { method: 'POST', body, headers, credentials: 'include', signal })
      if (answer.ok) return await answer.text()
      throw Object.assign(new Error(`Polling is answered with ${answer.status}`), { status: answer.status })
    } finally {
      asking.delete(request)
    }
  }

  /** A frame of the server. */
  private take (frame: string): void {
    const kind = frame.charAt(0)
    const value = (): any => JSON.parse(frame.slice(1))
    if (kind === 'c') {
      const [code, reason] = value()
      this.ended({ code, reason })
    } else if (kind === 'o' && !this.readyState) {
      this.readyState = OPEN
      this.tell('onopen', {})
    } else if (kind === 'a' && this.readyState) {
      for (const data of value()) this.tell('onmessage', { data })
    } else if (kind !== 'h') {
      // Another session than ours, or somebody else's page.
      throw new Error('The session is lost, or the server none that can be polled')
    }
  }

  private attempt (act: () => Promise<void>): void {
    act().catch(error => {
      if (this.readyState === CLOSED) return
      this.terminate()
      this.tell('onerror', error)
      // As with a websocket that is cut; a request may be too large as a message may.
      this.ended({ code: error.status === 413 ? 1009 : 1006, reason: '' })
    })
  }

  private ended (how: { code: number, reason: string }): void {
    this.terminate()
    this.tell('onclose', how)
  }

  private tell (name: 'onopen' | 'onmessage' | 'onerror' | 'onclose', event: any): void {
    guarded(() => {
      const listener = this[name]
      if (listener) listener(event)
    })
  }
}

/** SockJS' names of a server, which is for balancers, and of a session, which nobody may guess. */
function session (): string {
  const source: Crypto = typeof crypto === 'undefined' ? nodeRequire!('crypto').webcrypto : crypto
  const [server, ...name] = Array.from(source.getRandomValues(new Uint32Array(5)))
  return `/${String(1_000 + server! % 1_000).slice(1)}/${name.map(part => part.toString(36)).join('')}`
}
