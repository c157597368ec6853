// ActionHero's client: actions, rooms and chat over a link, by callback and by promise. It knows of frames and
// their replies; everything about the connection itself is the link's.

import { compiled, defaultUrl } from '../compiled'
import { Emitter } from '../emitter'
import { guarded } from '../guarded'
import { Primus } from '../primus/primus'
import { Actors } from './actors'
import { failureOf, isFailure, ownFailure, quiet } from './failure'
import { Pending } from './pending'
import { actionOverHttp } from './web'
import type { PrimusClient } from '../primus/primus'
import type { Actor } from './actor'
import type { Failure, Response } from './failure'
import type { Callback } from './pending'
import type { Transport } from '../link/ways'

export type State = 'disconnected' | 'connected' | 'reconnecting' | 'timeout'

type Connected = (error: Error | null, details?: Response) => void

const NOT_CONNECTED = 'The client is not connected: call `connect` first'
const ENDED = 'The connection has ended, so there will be no reply'
const NEVER = 'The connection could not be opened'

export class ActionheroWebsocketClient extends Emitter {
  id: string | null = null
  fingerprint: string | null = null
  events: object = {}
  rooms: string[] = []
  state: State = 'disconnected'
  options: { [name: string]: any }
  messageId = 0
  welcomeMessage?: string
  externalClient?: boolean
  client?: PrimusClient
  readonly callbacks: { [messageId: string]: Callback }
  private readonly pending = new Pending()
  private readonly actors = new Actors({
    send: (frame, callback) => void this.send(frame, callback),
    // Before the first `connect` they wait.
    unable: () => this.over === undefined ? null : this.unable(),
    ready: () => this.state === 'connected' && (this.client!.link || this.client!).writable,
    limit: () => this.options.queueSize === undefined ? Infinity : this.options.queueSize
  })

  private wired?: PrimusClient
  /** Who waits for the first details of this connection. */
  private waiting: Connected | null = null
  private greeted = false
  /** What went wrong last. */
  private trouble: Error | null = null
  /** Nothing is there to write on, and nothing will be unless the page connects; unknown before it did. */
  private over?: boolean

  constructor (options?: { [name: string]: any }, client?: PrimusClient) {
    super()
    this.callbacks = this.pending.callbacks
    this.options = this.defaults()
    this.choose(options || {})
    if (client) {
      this.externalClient = true
      this.client = client
    }
  }

  defaults (): { [name: string]: any } {
    const { apiPath = '/api', cookieKey = 'sessionID' } = compiled
    return { apiPath, cookieKey, url: defaultUrl() }
  }

  /** What a page gives counts; `undefined` is nothing given. */
  private choose (options: { [name: string]: any }): void {
    for (const name of Object.keys(options)) if (options[name] !== undefined) this.options[name] = options[name]
  }

  // ---- connection

  /** What carries the connection, while there is one. A `Primus` of others does not tell. */
  get transport (): Transport | undefined {
    const { client } = this
    return client && client.link && client.link.transport
  }

  connect (callback?: Connected): Promise<Response> | undefined {
    if (typeof callback !== 'function') {
      return quiet((resolve, reject) => {
        this.connect((error, details) => error ? reject(error) : resolve(details!))
      })
    }
    try {
      this.renew()
    } catch (error) {
      this.over = true
      later(() => callback(error as Error))
      return undefined
    }
    this.waiting = callback
    this.greeted = this.over = false
    this.trouble = null
    return undefined
  }

  /** A new link, or the page's own one opened anew. */
  private renew (): void {
    if (this.client) this.client.end()
    if (this.client && this.externalClient) {
      this.wire(this.client)
      this.client.open()
      return
    }
    const before = this.client
    if (before) before.removeAllListeners()
    this.client = Primus.connect(this.urlWithSession(), this.options)
    if (before) this.client.link.past = before.link.past
    this.wire(this.client)
  }

  private wire (primus: PrimusClient): void {
    if (this.wired === primus) return
    this.wired = primus
    const greets = typeof primus.greet === 'function'
    if (greets) primus.greet(() => this.greeting(false))
    primus.on('open', () => {
      this.over = false
      if (!greets) for (const frame of this.greeting(true)) this.write(frame)
    })
    primus.on('outgoing::settled', () => this.actors.sit())
    primus.on('data', message => this.handleMessage(message))
    primus.on('outgoing::sent', frame => { if (frame) this.pending.sent(frame.messageId) })
    primus.on('outgoing::dropped', (frame, error) => this.dropped(frame, error))
    primus.on('error', error => this.erred(error))
    primus.on('timeout', () => this.become('timeout', 'timeout'))
    primus.on('reconnect scheduled', progress => this.become('reconnecting', 'reconnecting', progress))
    // After a time without a network no attempt is scheduled, the first one begins at once.
    primus.on('reconnect', progress => {
      if (this.state !== 'reconnecting') this.become('reconnecting', 'reconnecting', progress)
    })
    primus.on('close', reason => this.closed(reason))
    primus.on('end', reason => this.ended(reason))
  }

  urlWithSession (): string {
    const { cookieKey } = this.options
    const value = cookieKey && this.getCookie(cookieKey)
    if (!value) return this.options.url
    // What follows a # is for nobody but the page.
    const url = this.options.url.replace(/#.*$/, '')
    return url + (url.indexOf('?') < 0 ? '?' : '&') + cookieKey + '=' + value
  }

  getCookie (name: string): string | undefined {
    if (typeof document === 'undefined' || !document.cookie) return undefined
    for (const pair of document.cookie.split(/; */)) {
      if (pair.slice(0, name.length + 1) === name + '=') return pair.slice(name.length + 1)
    }
    return undefined
  }

  /**
   * What each new connection begins with. Its rooms are joined by the link, but for the first time, and where
   * the link is somebody else's.
   */
  private greeting (byHand: boolean): Response[] {
    const joins = this.greeted && !byHand ? [] : this.rooms.map(room => this.frame({ event: 'roomAdd', room }))
    return joins.concat(this.frame({ event: 'detailsView' }, details => this.introduced(details)))
  }

  private introduced (details: Response): void {
    // Lost on the way: the next connection asks again.
    if (details.code === 'connection_lost' || details.code === 'connection_closed') return
    if (!this.learn(details)) {
      this.emit('error', failureOf(details))
      this.tell(failureOf(details))
      return
    }
    const again = this.greeted
    this.greeted = true
    // Before anybody is told, who may ask for seats of his own.
    this.state = 'connected'
    // A link of ours may have to settle first, and says when it has.
    this.actors.sit()
    this.emit(again ? 'reconnect' : 'connected')
    this.tell(null, details)
  }

  private learn (details: Response): boolean {
    if (isFailure(details) || !details.data) return false
    this.id = details.data.id
    this.fingerprint = details.data.fingerprint
    this.rooms = details.data.rooms || []
    return true
  }

  private become (state: State, event: string, ...args: any[]): void {
    this.state = state
    this.emit(event, ...args)
  }

  private tell (error: Error | null, details?: Response): void {
    const { waiting } = this
    this.waiting = null
    if (waiting) guarded(() => waiting(error, details))
  }

  private closed (reason: unknown): void {
    if (this.state !== 'disconnected') this.become('disconnected', 'disconnected', reason)
    this.actors.lost()
    this.pending.lost(Boolean(this.client && this.client.greet))
  }

  private ended (reason: unknown): void {
    if (this.state !== 'disconnected') this.become('disconnected', 'disconnected', reason)
    this.over = true
    if (this.client && this.client.buffer) this.client.buffer.length = 0
    this.pending.closed(ENDED)
    this.actors.reject(ownFailure('connection_closed', ENDED))
    this.tell(ownFailure('connection_closed', this.trouble ? NEVER + ': ' + this.trouble.message : NEVER))
  }

  private dropped (frame: any, error: any): void {
    const failure = ownFailure(error.code, error.message, frame && frame.messageId)
    if (frame && this.pending.fail(frame.messageId, failure)) return
    this.emit('error', error)
  }

  private erred (error: any): void {
    // Who asked was told already; nobody else needs to know.
    if (error && (error.code === 'queue_full' || error.code === 'not_encodable')) return
    this.trouble = error instanceof Error ? error : failureOf({ error })
    this.emit('error', this.trouble)
  }

  /** Joins the remembered rooms and asks who this client is now. */
  configure (callback?: Callback): Promise<Response> | undefined {
    for (const room of this.rooms) this.write(this.frame({ event: 'roomAdd', room }))
    return this.send({ event: 'detailsView' }, callback && (details => {
      this.learn(details)
      callback(details)
    }))
  }

  disconnect (): Promise<void> {
    const before = this.state
    this.state = 'disconnected'
    if (this.client) this.client.end()
    if (before !== 'disconnected') this.emit('disconnected', { why: 'ended' })
    return Promise.resolve()
  }

  // ---- messages

  /** Sends any frame. Without a callback it returns a promise of the reply. */
  send (args: Response, callback?: Callback): Promise<Response> | undefined {
    if (typeof callback !== 'function') {
      return quiet((resolve, reject) => {
        this.send(args, response => isFailure(response) ? reject(failureOf(response)) : resolve(response))
      })
    }
    const why = this.unable()
    if (why) later(() => callback(why))
    else this.write(this.frame(args, callback))
    return undefined
  }

  registerCallback (messageId: unknown, callback: Callback): void {
    this.pending.add(messageId, undefined, this.messageId, callback)
  }

  private unable (): Failure | null {
    return this.over === false ? null : ownFailure('not_connected', NOT_CONNECTED)
  }

  private frame (args: Response, callback?: Callback): Response {
    const { params, event } = args
    do this.messageId++
    while (this.pending.has(this.messageId))
    const messageId = (event === 'action' && params && params.messageId) || args.messageId || this.messageId
    this.pending.add(messageId, event, this.messageId, callback)
    // The caller's object stays as it is. Operands may be positional, so that the id is the last.
    const frame = Object.assign({}, args)
    delete frame.messageId
    return Object.assign(frame, { messageId })
  }

  private write (frame: Response): void {
    const { client } = this
    if (!client) return
    client.write(frame)
    // A link that is not ours does not tell what it has sent.
    if (!client.greet && client.writable) this.pending.sent(frame.messageId)
  }

  handleMessage (message: any): void {
    const whole = typeof message === 'object' && message !== null
    if (whole) this.pending.complete(message)
    this.emit('message', message)
    if (!whole) return
    switch (message.context) {
      case 'response': return this.pending.answered(message)
      case 'user': return void this.emit('say', message)
      case 'alert': return void this.emit('alert', message)
      case 'actor': return this.actors.hear(message)
    }
    if (message.error) this.emit('error', failureOf(message))
    if (message.welcome && message.context === 'api') {
      this.welcomeMessage = message.welcome
      this.emit('welcome', message)
    } else {
      this.emit('api', message)
    }
  }

  // ---- actions

  action (name: string, params?: Response | Callback | null, callback?: Callback): Promise<Response> | undefined {
    if (typeof params === 'function') return this.action(name, null, params as Callback)
    const all = Object.assign({}, params, { action: name })
    return this.state === 'connected' ? this.actionWebSocket(all, callback) : this.actionWeb(all, callback)
  }

  actionWeb (params: Response, callback?: Callback): Promise<Response> | undefined {
    const { url, apiPath } = this.options
    const answered = actionOverHttp(url, apiPath, params)
    if (typeof callback !== 'function') {
      return quiet((resolve, reject) => {
        answered.then(response => isFailure(response) ? reject(failureOf(response)) : resolve(response))
      })
    }
    // Outside of the promise, so that an error of the page's own is told as such.
    answered.then(response => later(() => callback(response)))
    return undefined
  }

  actionWebSocket (params: Response, callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'action', params }, callback)
  }

  // ---- verbs

  say (room: string, message: unknown, callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'say', room, message }, callback)
  }

  file (file: string, callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'file', file }, callback)
  }

  detailsView (callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'detailsView' }, callback)
  }

  roomView (room: string, callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'roomView', room }, callback)
  }

  roomAdd (room: string, callback?: Callback): Promise<Response> | undefined {
    return this.changeRooms({ event: 'roomAdd', room }, callback)
  }

  roomLeave (room: string, callback?: Callback): Promise<Response> | undefined {
    const index = this.rooms.indexOf(room)
    if (index > -1) this.rooms.splice(index, 1)
    return this.changeRooms({ event: 'roomLeave', room }, callback)
  }

  documentation (callback?: Callback): Promise<Response> | undefined {
    return this.send({ event: 'documentation' }, callback)
  }

  /** Asks for a room, then for the list of them, and only then says how it went: `rooms` is right by then. */
  private changeRooms (frame: Response, callback?: Callback): Promise<Response> | undefined {
    if (typeof callback !== 'function') {
      return quiet((resolve, reject) => {
        this.changeRooms(frame, response => isFailure(response) ? reject(failureOf(response)) : resolve(response))
      })
    }
    return this.send(frame, response => {
      if (response instanceof Error) return callback(response)
      this.send({ event: 'detailsView' }, details => {
        this.learn(details)
        callback(response)
      })
    })
  }

  // ---- actors

  /** A seat at an actor, which is made if there is none. */
  actor (name: string, key: string | string[] = [], params?: unknown): Actor {
    return this.actors.add(name, key, params)
  }
}

function later (act: () => void): void {
  setTimeout(act, 0)
}
