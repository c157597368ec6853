// The link: one websocket after the other, or what takes its place, so that those above see one connection that is down now and then.
// It opens, watches, comes back, joins the rooms again and sends what waited. It knows nothing of actions.

import { guarded } from '../guarded'
import { BackOff } from './back-off'
import { ASK_ID } from './control'
import { Pulse } from './pulse'
import { Queue } from './queue'
import { RoomWatch } from './rooms'
import { SOCKET_OPEN, abandon } from './socket'
import { LONGEST, Timers } from './timers'
import { ways } from './ways'
import { Wire } from './wire'
import type { LinkOptions, Strategy } from './options'
import type { Socket } from './socket'
import type { Past, Transport } from './ways'
import type { World } from './world'

/** `settling`: open, but the rooms are not joined again yet, and what waits has to wait on. */
export type Phase = 'closed' | 'due' | 'dialing' | 'settling' | 'open' | 'waiting'

/** Why a link ended. `code` and `reason` are the websocket's, where it closed with some. */
export interface Reason {
  why: 'lost' | 'silent' | 'offline' | 'server' | 'ended' | 'failed'
  code?: number
  reason?: string
}

/** What stands above the link. */
export interface Shell {
  /** Something happened; the names are those of Primus's events, and some more. */
  tell: (name: string, ...args: any[]) => void
  url: () => string
  encode: (data: unknown, done: (error: Error | null | undefined, text?: any) => void) => void
  decode: (text: string, done: (error: Error | null | undefined, data?: any) => void) => void
  /** A message for the application. */
  deliver: (message: unknown, raw: string) => void
  /** Frames that go first on each new link, ahead of everything that waits. `later` is asked for those to come. */
  greeting: (later: Later) => unknown[]
}

/** Announces a frame of the greeting that is not ready; the function that it returns takes it, or nothing. */
export type Later = () => (frames: unknown[]) => void

const STATES: { [Name in Phase]: 'opening' | 'open' | 'end' } = {
  closed: 'end', due: 'end', waiting: 'end', dialing: 'opening', settling: 'open', open: 'open'
}
/** A link that stayed open for so many first waits is a steady one. */
const STEADY = 10
const SETTLE = 10_000

export class Link {
  phase: Phase = 'closed'
  /** Whether the other end, or the network, is believed to be there. */
  online = true
  /** Whether it is on its way back. */
  recovering = false
  /** What is known of the ways to the server. A link that follows another one may take it over. */
  past: Past = { misses: 0, mute: 0 }
  readonly queue: Queue
  readonly backOff: BackOff
  private readonly timers: Timers
  private readonly pulse: Pulse
  private readonly rooms: RoomWatch
  private readonly wire: Wire
  private readonly shell: Shell
  /** How many of those that wait were written before this attempt began. */
  private early = 0
  /** How many frames of the greeting are not ready yet. */
  private unready = 0
  private networkDown = false
  /** What this attempt is made by, and what is left to it if that fails. */
  private used?: Transport
  private left: Transport[] = []
  private unwatch: (() => void) | null = null

  constructor (readonly options: LinkOptions, above: Shell, private readonly world: World) {
    // Whoever hears of something may throw, and the link goes on all the same.
    const shell = this.shell = Object.assign({}, above, {
      tell: (name: string, ...args: any[]) => guarded(() => above.tell(name, ...args)),
      deliver: (message: unknown, raw: string) => guarded(() => above.deliver(message, raw))
    })
    this.queue = new Queue(options.queueSize)
    this.backOff = new BackOff(options.reconnect, world.random)
    this.timers = new Timers(world.clock)
    this.pulse = new Pulse(this.timers, world.clock, options.pingTimeout, {
      ask: () => this.wire.signal(ASK_ID),
      dead: () => this.silent()
    })
    this.rooms = new RoomWatch(refused => shell.tell('refused', refused))
    this.wire = new Wire(shell, this.rooms, {
      ping: () => this.pinged(),
      // Nothing follows, and coming back is not wanted.
      close: () => this.end(undefined, 'server'),
      taken: () => this.settle()
    })
  }

  get socket (): Socket | null {
    return this.wire.socket
  }

  // ---- what those above ask for

  /** Opens it in the next turn, so that listeners can be set. */
  openSoon (): void {
    this.phase = 'due'
    this.timers.set('open', 0, () => this.open())
  }

  open (): void {
    if (this.live || this.phase === 'dialing') return
    this.timers.clearAll()
    if (!this.recovering) this.backOff.reset()
    if (!this.unwatch && this.options.network) {
      this.unwatch = this.world.watch({
        offline: () => this.wentOffline(), online: () => this.cameOnline(), wake: () => this.woke()
      })
    }
    this.dial()
  }

  /** Writes now if that is possible, and else when it is. */
  write (data: unknown): boolean {
    if (this.writable) {
      this.wire.transmit(data)
      return true
    }
    if (this.phase === 'settling') this.queue.append(data)
    else for (const dropped of this.queue.push(data)) this.drops(dropped)
    return false
  }

  /** Closes it for good, after a last message if there is one. */
  end (data?: unknown, why: Reason['why'] = 'ended'): void {
    const before = this.phase
    if (before === 'closed') return
    if (data !== undefined) this.write(data)
    if (this.live) this.flush()
    const socket = this.socket
    this.wire.socket = null
    this.stop()
    if (socket) abandon(socket, STATES[before] === 'open')
    this.enter('closed')
    if (before !== 'waiting') {
      this.shell.tell('outgoing::end')
      this.shell.tell('close', { why })
    }
    this.shell.tell('end', { why })
  }

  private drops (data: unknown): void {
    this.early = Math.max(0, this.early - 1)
    this.shell.tell('dropped', data)
  }

  get live (): boolean {
    return this.phase === 'settling' || this.phase === 'open'
  }

  /** What it is connected by, while it is. */
  get transport (): Transport | undefined {
    return this.live ? this.used : undefined
  }

  // ---- opening

  private dial (): void {
    this.left = ways(this.options.websockets, this.world.polls(), this.past)
    this.enter('dialing')
    this.shell.tell('outgoing::open')
    this.another()
  }

  /** Goes on with this attempt by the next transport; false if there is none. */
  private another (): boolean {
    const used = this.phase === 'dialing' && this.left.shift()
    if (!used) return false
    this.drop()
    this.used = used
    const { timeout, reconnect, transport } = this.options
    // Who can still do something else is less patient.
    const patience = (this.left.length && timeout) || Infinity
    const limit = this.recovering ? Math.min(reconnect.timeout || Infinity, patience) : timeout
    if (limit) this.timers.set('connect', limit, () => this.dialTimedOut())
    try {
      this.listen(this.world.open(used, this.shell.url(), transport))
    } catch (error) {
      if (this.another()) return true
      // No address, or nothing here to connect with: this does not get better by itself.
      this.shell.tell('error', error)
      this.end(undefined, 'failed')
    }
    return true
  }

  private listen (socket: Socket): void {
    this.wire.socket = socket
    const current = (act: (event: any) => void) => (event: any): void => { if (this.socket === socket) act(event) }
    socket.onopen = current(() => this.opened(socket))
    socket.onmessage = current(({ data }) => {
      if (!this.pulse.alive) this.past = { last: this.used, misses: 0, mute: 0 }
      this.pulse.heard()
      this.wire.received(data)
    })
    socket.onerror = current(event => this.failed(errorOf(event)))
    socket.onclose = current(event => this.closed(event))
  }

  private opened (socket: Socket): void {
    const { timers, backOff, shell } = this
    const progress = this.progress()
    timers.clear('connect')
    timers.set('steady', STEADY * this.options.reconnect.min, () => backOff.steady())
    backOff.opened()
    const again = this.recovering
    this.recovering = false
    this.enter('settling')
    shell.tell('incoming::open')
    if (again) shell.tell('reconnected', progress)
    this.nowOnline()
    if (this.socket !== socket) return
    this.pulse.start()
    this.greet()
    if (this.socket === socket) shell.tell('open')
  }

  /** Rooms first, then what those above want to know, and when that is answered what has been waiting. */
  private greet (): void {
    for (const [frame, kind] of this.rooms.opened()) this.wire.transmit(frame, kind)
    this.unready = 0
    for (const frame of this.shell.greeting(this.later)) this.wire.transmit(frame, 'greeting')
    this.timers.set('settle', SETTLE, () => {
      if (!this.pulse.alive) return this.silent()
      this.pulse.check()
      this.settle(true)
    })
    this.settle()
  }

  private readonly later: Later = () => {
    const { socket } = this
    this.unready++
    return frames => {
      if (this.socket !== socket) return
      this.unready--
      for (const frame of frames) this.wire.transmit(frame, 'greeting')
      this.settle()
    }
  }

  private settle (anyway = false): void {
    if (this.phase !== 'settling' || !(anyway || (this.rooms.settled && !this.unready))) return
    this.timers.clear('settle')
    this.enter('open')
    this.flush()
    this.shell.tell('outgoing::settled')
  }

  private flush (): void {
    while (this.queue.length > 0 && this.socket && this.socket.readyState === SOCKET_OPEN) {
      this.wire.transmit(this.queue.shift(), this.early > 0 ? 'early' : 'message')
      this.early = Math.max(0, this.early - 1)
    }
  }

  private pinged (): void {
    this.nowOnline()
    this.pulse.beat()
  }

  private dialTimedOut (): void {
    if (this.another()) return
    if (this.recovering) {
      this.shell.tell('reconnect timeout', new Error('Failed to reconnect in time'), this.progress())
    } else {
      this.shell.tell('timeout')
    }
    if (this.phase === 'dialing') this.missed()
  }

  private failed (error: Error): void {
    this.shell.tell('incoming::error', error)
    if (this.another()) return
    if (!this.recovering) this.shell.tell('error', error)
    // An open websocket is closed after an error, and that is what counts.
    if (this.phase === 'dialing') this.missed()
  }

  /** This attempt came to nothing. */
  private missed (): void {
    this.past.misses++
    if (!this.recovering && !this.has('timeout')) return this.end(undefined, 'failed')
    this.drop()
    this.recovering = true
    this.enter('waiting')
    this.schedule()
  }

  /** A websocket that is closing takes messages and loses them: those wait for the next one instead. */
  get writable (): boolean {
    return this.phase === 'open' && this.socket !== null && this.socket.readyState === SOCKET_OPEN
  }

  // ---- losing and coming back

  private closed (event: any): void {
    const { code, reason } = event || {}
    if (this.live) this.lost({ why: 'lost', code, reason: String(reason || '') })
    else this.failed(new Error('The connection closed before it was open' + (code ? ` (code ${code})` : '')))
  }

  private silent (): void {
    this.online = false
    this.shell.tell('offline')
    if (this.live) this.lost({ why: 'silent' })
  }

  private lost (reason: Reason): void {
    const wasOpen = this.live
    if (wasOpen && !this.pulse.alive && this.used === 'websocket') this.past.mute++
    this.drop()
    // Before anybody is told, so that one who hears of it can end it.
    const back = this.recovering = this.has('disconnect') || this.networkDown
    this.enter(back ? 'waiting' : 'closed')
    this.shell.tell('incoming::end', reason)
    if (wasOpen) this.shell.tell('close', reason)
    if (back) return this.schedule()
    this.finish(reason)
  }

  private schedule (): void {
    // The browser says that there is no network; it will say when there is.
    if (this.phase !== 'waiting' || this.networkDown) return
    const wait = this.backOff.next()
    if (wait === null) {
      this.enter('closed')
      this.shell.tell('reconnect failed', new Error('Unable to reconnect to the server'), this.progress())
      return this.finish({ why: 'failed' })
    }
    this.attemptAfter(wait)
    this.shell.tell('reconnect scheduled', this.progress(wait))
  }

  private attemptAfter (wait: number): void {
    const attempt = (): void => {
      this.early = this.queue.length
      this.shell.tell('reconnect', this.progress())
      this.shell.tell('outgoing::reconnect')
      if (this.phase === 'waiting') this.dial()
    }
    this.timers.set('reconnect', Math.min(wait, LONGEST), attempt, attempt)
  }

  private finish (reason: Reason): void {
    if (this.phase !== 'closed') return
    this.stop()
    this.shell.tell('outgoing::end')
    this.shell.tell('end', reason)
  }

  private wentOffline (): void {
    if (this.networkDown) return
    this.networkDown = this.has('online')
    this.online = false
    this.shell.tell('offline')
    if (this.live || this.phase === 'dialing') this.lost({ why: 'offline' })
    else if (this.networkDown) this.timers.clear('reconnect')
  }

  private cameOnline (): void {
    if (this.online && !this.networkDown) return
    this.networkDown = false
    this.nowOnline()
    if (this.has('online')) this.hurry()
  }

  private woke (): void {
    if (this.live) this.pulse.check()
    else this.hurry()
  }

  /** Whatever was in the way is gone. A little chance, as it is gone for many at once. */
  private hurry (): void {
    if (this.phase !== 'waiting' || this.networkDown) return
    this.backOff.reset()
    this.attemptAfter(this.world.random() * this.options.reconnect.min)
  }

  // ---- state

  private nowOnline (): void {
    if (this.online) return
    this.online = true
    this.shell.tell('online')
  }

  private enter (phase: Phase): void {
    const before = STATES[this.phase]
    this.phase = phase
    if (STATES[phase] !== before) this.shell.tell('readyStateChange', STATES[phase])
  }

  private drop (): void {
    const socket = this.socket
    this.wire.socket = null
    this.timers.clearAll()
    if (socket) abandon(socket)
  }

  private stop (): void {
    this.timers.clearAll()
    this.recovering = this.networkDown = false
    this.early = 0
    this.rooms.ended()
    if (this.unwatch) this.unwatch()
    this.unwatch = null
  }

  private has (name: Strategy): boolean {
    return this.options.strategy.indexOf(name) >= 0
  }

  /** How far the coming back is, as Primus tells it. */
  private progress (scheduled?: number): object {
    const { min, max, retries, factor, timeout } = this.options.reconnect
    return { attempt: this.backOff.attempt, scheduled, min, max, retries, factor, 'reconnect timeout': timeout }
  }
}

/** Browsers give an event that says nothing; `ws` one with an error. */
function errorOf (event: any): Error {
  if (event instanceof Error) return event
  const error = event && event.error
  return error instanceof Error ? error : new Error((event && event.message) || 'The websocket could not be opened')
}
