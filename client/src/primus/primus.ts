// Primus's client API over the link: what its documentation promises to pages and plugins.

import { compiled, defaultUrl } from '../compiled'
import { Emitter, EventEmitter } from '../emitter'
import { Link } from '../link/link'
import { linkOptions } from '../link/options'
import { parseUrl, target, websocketUrl } from '../link/url'
import { world } from '../link/world'
import { transformed } from './transform'
import type { GivenOptions } from '../link/options'
import type { Later, Phase } from '../link/link'
import type { Socket } from '../link/socket'
import type { Address, Target } from '../link/url'
import type { Transformer } from './transform'

/** A plugin's client half: called once for each new client. */
export type Plugin = (this: PrimusClient, primus: PrimusClient, options: GivenOptions) => void

type Done = (error: Error | null | undefined, value?: any) => void

const OPENING = 1
const CLOSED = 2
const OPEN = 3
const READY: { [Name in Phase]: number } = {
  closed: CLOSED, due: CLOSED, waiting: CLOSED, dialing: OPENING, settling: OPEN, open: OPEN
}

export class PrimusClient extends Emitter {
  declare link: Link
  declare url: Address
  declare options: GivenOptions
  declare pathname: string
  declare version: string
  declare authorization: boolean
  declare ark: { [name: string]: Plugin }
  declare transformers: { incoming: Transformer[], outgoing: Transformer[] }
  declare recovery: { readonly attempt: number, reconnecting: () => boolean, reset: () => void }
  declare private greetings: Array<() => unknown[]>

  /** What a constructor does; `Primus` may be called as a function, which a class may not. */
  begin (address?: string | GivenOptions, given: GivenOptions = {}): void {
    const options: GivenOptions = Object.assign({}, typeof address === 'object' ? address : given)
    const url = typeof address === 'string' && address ? address : options.url || options.uri || defaultUrl()
    const chosen = linkOptions(options)
    this.url = parseUrl(url)
    this.pathname = chosen.pathname
    this.transformers = { incoming: [], outgoing: [] }
    this.greetings = []
    this.options = Object.assign(options, chosen, { strategy: chosen.strategy.join(',') })
    const link = this.link = new Link(chosen, {
      tell: (name, ...args) => this.told(name, args),
      url: () => this.uri({}),
      encode: (data, done) => this.encoder(data, done),
      decode: (text, done) => this.decoder(text, done),
      deliver: (message, raw) => transformed(this, this.transformers.incoming, message, data => this.emit('data', data, raw)),
      greeting: later => this.greetingFrames(later)
    }, world)
    this.recovery = {
      get attempt () { return link.backOff.attempt },
      reconnecting: () => link.recovering,
      reset: () => link.backOff.reset()
    }
    for (const name in this.ark) this.ark[name]!.call(this, this, options)
    if (!chosen.manual) link.openSoon()
  }

  get readyState (): number { return READY[this.link.phase] }
  get online (): boolean { return this.link.online }
  get socket (): Socket | null { return this.link.socket }
  get buffer (): unknown[] { return this.link.queue.items }
  get writable (): boolean { return this.readyState === OPEN }
  get readable (): boolean { return this.readyState === OPEN }

  open (): this {
    this.link.open()
    return this
  }

  write (data: unknown): boolean {
    transformed(this, this.transformers.outgoing, data, changed => this._write(changed))
    return true
  }

  /** Writes without asking the transformers. */
  _write (data: unknown): boolean {
    return this.link.write(data)
  }

  end (data?: unknown): this {
    if (data !== undefined) this.write(data)
    this.link.end()
    return this
  }

  /** Ends it, and forgets its listeners. */
  destroy (): boolean {
    this.emit('destroy')
    this.end()
    this.removeAllListeners()
    return true
  }

  /** Asks the server for the connection's id on the link. */
  id (answer: (id: string) => void): this {
    this._write('primus::id::')
    return this.once('incoming::id', answer)
  }

  transform (type: 'incoming' | 'outgoing', transformer: Transformer): this {
    if (!this.transformers[type]) return this.critical(new Error('Invalid transformer type'))
    this.transformers[type].push(transformer)
    return this
  }

  /** Frames that go first on each new link, when the rooms are joined again and before what has waited. */
  greet (frames: () => unknown[]): this {
    this.greetings.push(frames)
    return this
  }

  plugin (name?: string): Plugin | { [name: string]: Plugin } | undefined {
    return name ? this.ark[name] : Object.assign({}, this.ark)
  }

  /** Whether an event is the link's own, so that no application may use its name. */
  reserved (name: string): boolean {
    return /^(incoming|outgoing)::/.test(name) || (PrimusClient.prototype.reserved as any).events[name] === 1
  }

  /** Tells an error, or throws it where nobody listens. */
  critical (error: Error): this {
    if (!this.emit('error', error)) throw error
    return this
  }

  encoder (data: unknown, done: Done): void {
    attempt(() => JSON.stringify(data), done)
  }

  decoder (text: string, done: Done): void {
    attempt(() => JSON.parse(text), done)
  }

  /** The websocket's address; plugins may change its parts on `outgoing::url`. */
  uri (changes: Partial<Target>): string {
    const parts = Object.assign(target(this.url, this.pathname, Date.now()), changes)
    this.emit('outgoing::url', parts)
    return websocketUrl(parts)
  }

  private greetingFrames (later: Later): unknown[] {
    const frames: unknown[] = []
    for (const greeting of this.greetings) {
      for (const frame of greeting()) this.greetingFrame(frame, frames, later)
    }
    return frames
  }

  /** Puts it among the others if the transformers are done with it at once, and else sends it when they are. */
  private greetingFrame (frame: unknown, frames: unknown[], later: Later): void {
    let at: ((changed: unknown[]) => void) | undefined = changed => frames.push(...changed)
    const done = (changed: unknown[]): void => {
      if (at) at(changed)
      at = undefined
    }
    const { outgoing } = this.transformers
    try {
      transformed(this, outgoing, frame, changed => done([changed]), () => done([]))
    } catch (error) {
      done([])
      this.emit('error', error)
    }
    if (at) at = later()
  }

  private told (name: string, args: any[]): void {
    if (name === 'dropped') return this.dropped(args[0])
    if (name === 'refused') return this.refused(args[0])
    this.emit(name === 'sent' ? 'outgoing::sent' : name, ...args)
  }

  private dropped (data: unknown): void {
    const text = `More than ${this.options.queueSize} messages waited for the connection: the oldest was dropped`
    const error = Object.assign(new Error(text), { code: 'queue_full', data })
    this.emit('outgoing::dropped', data, error)
    this.emit('error', error)
  }

  private refused ({ room, response }: { room: string, response: any }): void {
    const text = `The room ${room} could not be joined again: ${response.error || 'it was refused'}`
    this.emit('error', Object.assign(new Error(text), { code: 'room_not_rejoined', room, response }))
  }
}

PrimusClient.prototype.ark = {}
PrimusClient.prototype.version = VERSION
PrimusClient.prototype.pathname = compiled.pathname || '/primus'
PrimusClient.prototype.authorization = compiled.authorization || false
;(PrimusClient.prototype.reserved as any).events = {
  'reconnect scheduled': 1, 'reconnect timeout': 1, readyStateChange: 1, 'reconnect failed': 1, reconnected: 1,
  reconnect: 1, offline: 1, timeout: 1, destroy: 1, online: 1, error: 1, close: 1, open: 1, data: 1, end: 1
}

function attempt (act: () => any, done: Done): void {
  let value: any
  try {
    value = act()
  } catch (error) {
    return done(error as Error)
  }
  done(null, value)
}

export interface PrimusClass {
  new (url?: string | GivenOptions, options?: GivenOptions): PrimusClient
  (url?: string | GivenOptions, options?: GivenOptions): PrimusClient
  prototype: PrimusClient
  connect: (url?: string | GivenOptions, options?: GivenOptions) => PrimusClient
  EventEmitter: typeof Emitter
  version: string
  OPENING: number
  CLOSED: number
  OPEN: number
}

export const Primus = function (this: unknown, url?: string | GivenOptions, options?: GivenOptions) {
  if (!(this instanceof PrimusClient)) return Primus.connect(url, options)
  this.begin(url, options)
} as unknown as PrimusClass

Primus.prototype = PrimusClient.prototype
Object.defineProperty(Primus.prototype, 'constructor', { value: Primus, writable: true, configurable: true })
Primus.connect = (url, options) => new Primus(url, options)
Primus.EventEmitter = EventEmitter
Primus.version = VERSION
Object.assign(Primus, { OPENING, CLOSED, OPEN })
