/*! playhouse-client 0.1.0, Apache-2.0 */
// The types of the npm package.

/**
 * The actions of the application: for each its `params`, its `result` and its `errors`. Add yours with
 * `declare module 'playhouse-client' { interface Actions { .. } }`. While it is empty any name will do.
 */
export interface Actions {}

/** The rooms of the application, each with the type of the messages that are heard in it. */
export interface Rooms {}

/**
 * The actors of the application: for each its `actions`, as functions, its `events`, each a list of arguments, and its
 * `params` where it wants some.
 */
export interface Actors {}

/** Names of actions: any, as long as none are known. */
export type ActionName<A = Actions> = [keyof A] extends [never] ? string : Extract<keyof A, string>

/** Rooms may be made at any time, so that any name will do; those that are known are offered. */
export type RoomName<R = Rooms> = Extract<keyof R, string> | (string & {})

type Any = { [key: string]: any }
type ParamsOf<A, N> = N extends keyof A ? (A[N] extends { params: infer P } ? P : {}) : Any
type ResultOf<A, N> = N extends keyof A ? (A[N] extends { result: infer T } ? T : {}) : Any
type ErrorsOf<A, N> = N extends keyof A ? (A[N] extends { errors: infer E } ? E : never) : string

/** Names of actors: any, as long as none are known. */
export type ActorName<T = Actors> = [keyof T] extends [never] ? string : Extract<keyof T, string>

type Key = string | string[]
type SeatArguments<T, N> = N extends keyof T
  ? (T[N] extends { params: infer P } ? (null extends P ? [key?: Key, params?: P] : [key: Key | undefined, params: P]) : [key?: Key, params?: any])
  : [key?: Key, params?: any]

type Functions = { [name: string]: (...args: any[]) => any }
type ActionsOf<T, N> = N extends keyof T ? (T[N] extends { actions: infer F } ? F : {}) : Functions
type EventsOf<T, N> = N extends keyof T ? (T[N] extends { events: infer E } ? E : {}) : { [name: string]: any[] }
type Arguments<F> = F extends (...args: infer P) => any ? P : never
type Output<F> = F extends (...args: any[]) => infer T ? (T extends PromiseLike<infer U> ? U : T) : never
type Heed<E, K extends keyof E> = (...args: E[K] extends any[] ? E[K] : never) => void

/** What may stand beside the inputs of any action. */
export interface CallOptions {
  apiVersion?: number | string
  /** The method of the HTTP request that is made while there is no connection. */
  httpMethod?: string
  messageId?: string | number
}

type Given<A, N> = ParamsOf<A, N> & CallOptions
type ParamsArgument<A, N> = {} extends ParamsOf<A, N> ? [params?: Given<A, N> | null] : [params: Given<A, N>]

/** What stands in every reply. */
export interface Envelope {
  context?: 'response'
  messageId?: string | number
}

/** A reply that says that it worked. */
export type Answer<T> = T & Envelope & { error?: null | undefined }

/** A text that is not empty, as the compiler takes it: so that `if (reply.error)` tells both kinds of reply apart. */
type Text = `${any}`

/** A reply that says that it did not work, as callbacks get it. */
export interface Refused<Code = string> extends Envelope {
  /** The text of the error; an object where something else than a server of ours answered over HTTP. */
  error: Text | { statusText: string, responseText: string }
  status?: string
  code?: Code | ClientCode
  fields?: any
}

/** Codes of failures that this client itself notices. */
export type ClientCode =
  | 'connection_lost' | 'connection_closed' | 'not_connected' | 'queue_full' | 'unreachable' | 'no_json'
  | 'actor_left' | 'room_not_rejoined' | 'not_encodable' | 'id_reused'

/** What a callback gets. Look at `error` first. */
export type Reply<T, Code = string> = Answer<T> | Refused<Code>

/** What promises are rejected with. */
export interface Failure<Code = string> extends Error {
  code: Code | ClientCode | 'error'
  fields?: any
  /** What else an actor says of it. */
  metadata?: any
  /** The whole reply. */
  response?: any
}

/** A reply to a verb: `data` is what was asked for. */
export interface Verb<T> { status: 'OK', data: T }

export interface Details {
  id: string
  fingerprint: string
  remoteIP: string
  remotePort: number | string
  params: Any
  connectedAt: number
  rooms: string[]
  totalActions: number
  pendingActions: number
}

export interface RoomView {
  room: string
  members: { [id: string]: { id: string, joinedAt: number } }
  membersCount: number
}

export interface FileReply {
  content: string
  mime: string
  length: number
  lastModified?: string
  messageCount: number
}

type Heard<R, K extends keyof R> = { room: K, message: R[K], from: string, sentAt: number, context: 'user' }

/** A message that was said in a room. */
export type Said<R = Rooms> = [keyof R] extends [never]
  ? { room: string, message: any, from: string, sentAt: number, context: 'user' }
  : { [K in keyof R]: Heard<R, K> }[keyof R]

export interface Welcome { welcome: string, context: 'api' }

/** Why a connection ended. */
export interface Reason {
  why: 'lost' | 'silent' | 'offline' | 'server' | 'ended' | 'failed'
  code?: number
  reason?: string
}

/** How far the coming back is. */
export interface Progress {
  attempt: number
  /** Milliseconds until the attempt. */
  scheduled?: number
  retries: number
}

/** The events of a client, each with what its listeners get. */
export interface Events<R = Rooms> {
  connected: []
  disconnected: [reason?: Reason]
  reconnecting: [progress?: Progress]
  /** The connection is back: `id`, `fingerprint` and `rooms` are those of the new one. */
  reconnect: []
  timeout: []
  error: [error: Failure]
  /** Every message of the server. */
  message: [message: any]
  say: [message: Said<R>]
  alert: [message: any]
  /** News of the server, and everything of a context that has no event of its own. */
  api: [message: any]
  welcome: [message: Welcome]
}

type Time = number | string

export interface Options {
  /** The server's address; otherwise the one that wrote the script, or the page's own. */
  url?: string
  /** Where actions are over HTTP: a path, or an address. */
  apiPath?: string
  /** The cookie whose value becomes the connection's fingerprint. */
  cookieKey?: string
  pathname?: string
  reconnect?: {
    min?: Time
    max?: Time
    retries?: number
    factor?: number
    /** How long one attempt may take. */
    'reconnect timeout'?: Time
  }
  /** How long the first connection may take. */
  timeout?: Time
  /** The longest time without a ping of the server. */
  pingTimeout?: Time | false
  /** When to come back: `disconnect`, `online`, `timeout`; false for never. */
  strategy?: string | string[] | false
  /** Do not open by itself. */
  manual?: boolean
  /** false: no websocket at all; it polls from the start. */
  websockets?: boolean
  /** Whether to heed what the browser says of the network. */
  network?: boolean
  /** In node: options of the package `ws`, such as `headers`. */
  transport?: Any
  /** How many messages may wait for a connection; the oldest goes first. */
  queueSize?: number
  [name: string]: any
}

/** Whether a seat is to be taken, is taken, or is over for good. */
export type SeatState = 'waiting' | 'open' | 'closed'

/** A seat at an actor. It is taken again by itself when it is lost, and calls wait until then. */
export interface Actor<F = Functions, E = { [name: string]: any[] }> {
  readonly state: SeatState
  call<K extends Extract<keyof F, string>> (name: K, ...args: Arguments<F[K]>): Promise<Output<F[K]>>
  /** Hears an event until the function that it returns is called. */
  on<K extends Extract<keyof E, string>> (event: K, listener: Heed<E, K>): () => void
  once<K extends Extract<keyof E, string>> (event: K, listener: Heed<E, K>): () => void
  off<K extends Extract<keyof E, string>> (event: K, listener?: Heed<E, K>): void
  /** Hears of the seat itself: its new state and, with `closed`, why. */
  watch (listener: (state: SeatState, failure?: Failure) => void): () => void
  /** Gives it up for good. */
  leave (): void
}

/** ActionHero's client, by callback and by promise. */
export class ActionheroWebsocketClient<A = Actions, R = Rooms, T = Actors> {
  constructor (options?: Options, client?: Primus)
  readonly id: string | null
  readonly fingerprint: string | null
  readonly rooms: string[]
  readonly state: 'disconnected' | 'connected' | 'reconnecting' | 'timeout'
  /** What carries the connection, while there is one. */
  readonly transport?: 'websocket' | 'polling'
  readonly welcomeMessage?: string
  readonly options: Options
  readonly client?: Primus
  readonly callbacks: { [messageId: string]: (reply: any) => void }
  messageId: number

  connect (): Promise<Verb<Details> & Envelope>
  connect (callback: (error: Error | null, details?: Verb<Details> & Envelope) => void): void
  disconnect (): Promise<void>

  action<N extends ActionName<A>> (name: N, ...params: ParamsArgument<A, N>): Promise<Answer<ResultOf<A, N>>>
  action<N extends ActionName<A>> (
    name: N, params: Given<A, N> | null, callback: (reply: Reply<ResultOf<A, N>, ErrorsOf<A, N>>) => void
  ): void
  action<N extends ActionName<A>> (name: N, callback: (reply: Reply<ResultOf<A, N>, ErrorsOf<A, N>>) => void): void

  say (room: RoomName<R>, message: string | number | boolean): Promise<Answer<{ status: 'OK' }>>
  say (room: RoomName<R>, message: string | number | boolean, callback: (reply: Reply<{ status: 'OK' }>) => void): void
  roomAdd (room: RoomName<R>): Promise<Answer<Verb<true>>>
  roomAdd (room: RoomName<R>, callback: (reply: Reply<Verb<true>>) => void): void
  roomLeave (room: RoomName<R>): Promise<Answer<Verb<true>>>
  roomLeave (room: RoomName<R>, callback: (reply: Reply<Verb<true>>) => void): void
  roomView (room: RoomName<R>): Promise<Answer<Verb<RoomView>>>
  roomView (room: RoomName<R>, callback: (reply: Reply<Verb<RoomView>>) => void): void
  detailsView (): Promise<Answer<Verb<Details>>>
  detailsView (callback: (reply: Reply<Verb<Details>>) => void): void
  file (path: string): Promise<Answer<FileReply>>
  file (path: string, callback: (reply: Reply<FileReply>) => void): void
  /** A seat at an actor, which is made if there is none. `params` are the actor's to judge. */
  actor<N extends ActorName<T>> (name: N, ...where: SeatArguments<T, N>): Actor<ActionsOf<T, N>, EventsOf<T, N>>
  documentation (): Promise<any>
  documentation (callback: (reply: any) => void): void
  configure (): Promise<Answer<Verb<Details>>>
  configure (callback: (reply: Reply<Verb<Details>>) => void): void
  /** Sends any frame. */
  send (frame: { event: string, [key: string]: any }): Promise<any>
  send (frame: { event: string, [key: string]: any }, callback: (reply: any) => void): void
  actionWeb (params: Any): Promise<any>
  actionWeb (params: Any, callback: (reply: any) => void): void
  actionWebSocket (params: Any): Promise<any>
  actionWebSocket (params: Any, callback: (reply: any) => void): void
  registerCallback (messageId: string | number, callback: (reply: any) => void): void
  handleMessage (message: any): void

  on<E extends keyof Events<R>> (event: E, listener: (...args: Events<R>[E]) => void): this
  once<E extends keyof Events<R>> (event: E, listener: (...args: Events<R>[E]) => void): this
  addListener<E extends keyof Events<R>> (event: E, listener: (...args: Events<R>[E]) => void): this
  off<E extends keyof Events<R>> (event: E, listener?: (...args: Events<R>[E]) => void): this
  removeListener<E extends keyof Events<R>> (event: E, listener?: (...args: Events<R>[E]) => void): this
  removeAllListeners (event?: keyof Events<R>): this
  emit (event: string, ...args: any[]): boolean
  listeners (event: string): Array<(...args: any[]) => void>
}

export interface PrimusPacket { data: any }

/** A plugin's client half. */
export type PrimusPlugin = (this: Primus, primus: Primus, options: Options) => void

/** Primus's client. */
export interface Primus {
  readonly url: { href: string, protocol: string, host: string, hostname: string, port: string, pathname: string, query: string }
  readonly options: Options
  /** 1 opening, 2 closed, 3 open. */
  readonly readyState: number
  readonly online: boolean
  readonly writable: boolean
  readonly buffer: any[]
  readonly pathname: string
  readonly version: string
  readonly socket: any
  readonly recovery: { readonly attempt: number, reconnecting: () => boolean, reset: () => void }
  /** Plugins by name: each is called for every client that is made afterwards. */
  ark: { [name: string]: PrimusPlugin }
  open (): this
  write (data: any): boolean
  end (data?: any): this
  destroy (): boolean
  id (answer: (id: string) => void): this
  transform (
    type: 'incoming' | 'outgoing',
    transformer: (packet: PrimusPacket, done?: (error?: Error | null, goesOn?: boolean) => void) => unknown
  ): this
  plugin (name: string): PrimusPlugin | undefined
  plugin (): { [name: string]: PrimusPlugin }
  reserved (event: string): boolean
  /** Messages that go first on each new link, when the rooms are joined again and before what has waited. */
  greet (frames: () => any[]): this
  on (event: string, listener: (...args: any[]) => void, context?: any): this
  once (event: string, listener: (...args: any[]) => void, context?: any): this
  addListener (event: string, listener: (...args: any[]) => void): this
  off (event: string, listener?: (...args: any[]) => void): this
  removeListener (event: string, listener?: (...args: any[]) => void): this
  removeAllListeners (event?: string): this
  emit (event: string, ...args: any[]): boolean
  listeners (event: string): Array<(...args: any[]) => void>
}

export interface PrimusConstructor {
  new (url?: string | Options, options?: Options): Primus
  (url?: string | Options, options?: Options): Primus
  prototype: Primus
  connect: (url?: string | Options, options?: Options) => Primus
  EventEmitter: new () => Any
  version: string
}

export { ActionheroWebsocketClient as ActionheroClient, ActionheroWebsocketClient as default }
export declare const Primus: PrimusConstructor
