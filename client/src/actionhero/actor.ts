// One seat at an actor, as a page holds it: it outlives the connections on which it is taken, and what the actor's
// side ends. What is called while there is no seat waits for the next one.

import { Emitter } from '../emitter'
import { failureOf, isFailure, ownFailure, quiet } from './failure'
import { spelled, unspelled } from './spelling'
import type { Listener } from '../emitter'
import type { Failure, Response } from './failure'
import type { Callback } from './pending'

export type SeatState = 'waiting' | 'open' | 'closed'

/** What a seat needs of its client. */
export interface Ground {
  /** Sends a frame. */
  send: (frame: Response, callback: Callback) => void
  /** Why there is no connection, and will be none unless the page connects. */
  unable: () => Failure | null
  /** Whether a frame would leave now, on this connection. */
  ready: () => boolean
  /** Which actor hears what comes for a seat; none any more without one. */
  place: (seat: number, actor?: Actor) => void
  /** It is over. */
  gone: (actor: Actor) => void
  /** How many calls may wait. */
  limit: () => number
}

/** The first attempt follows at once, the next after so many milliseconds, each later one after twice as many. */
const FIRST = 250
const LONGEST = 30_000
/** A seat that was open for so long has begun well, and the waits begin anew. */
const STEADY = 10_000

export class Actor {
  state: SeatState = 'waiting'
  private readonly heard = new Emitter()
  private readonly told = new Emitter()
  private readonly queue: Array<[frame: Response, callback: Callback]> = []
  private seat = 0
  /** Counts what makes earlier answers and waits void. */
  private turn = 0
  private attempt = 0
  private since = 0
  private timer?: ReturnType<typeof setTimeout>
  private failure?: Failure

  private readonly params: unknown

  constructor (private readonly ground: Ground, private readonly actor: unknown[], params: unknown) {
    this.params = spelled([params])[0]
  }

  // ---- for the page

  /** Calls an action. What was sent and not answered when the connection went is uncertain, and rejected. */
  call (name: string, ...args: unknown[]): Promise<any> {
    return quiet((resolve, reject) => {
      const { queue, ground } = this
      const failure = this.failure || ground.unable()
      if (failure) return reject(failure)
      queue.push([{ event: 'actorCall', name, args: spelled(args) }, response => {
        if (isFailure(response)) reject(failureOf(response))
        else resolve(unspelled(response.data))
      }])
      this.flush()
      if (queue.length > ground.limit()) queue.shift()![1](ownFailure('queue_full', 'Too many calls wait'))
    })
  }

  /** Hears an event until the function that it returns is called. */
  on (event: string, listener: Listener): () => void {
    return this.listen(event, () => this.heard.on(event, listener), listener)
  }

  once (event: string, listener: Listener): () => void {
    return this.listen(event, () => this.heard.once(event, listener), listener)
  }

  off (event: string, listener?: Listener): void {
    this.changed(event, () => this.heard.off(event, listener))
  }

  /** Hears of the seat itself: its new state and, with `closed`, why. */
  watch (listener: (state: SeatState, failure?: Failure) => void): () => void {
    this.told.on('state', listener)
    return () => { this.told.off('state', listener) }
  }

  /** Gives it up for good. */
  leave (): void {
    if (this.seat) this.send({ event: 'actorLeave' })
    this.close(ownFailure('actor_left', 'You have left this actor'))
  }

  // ---- for the client

  /** A connection is there. */
  sit (): void {
    const { ground, actor, params } = this
    // Who hears that it waits may have left it by now.
    if (this.failure || !ground.ready()) return
    this.stop()
    const { turn } = this
    ground.send({ event: 'actorConnect', actor, params }, response => {
      const failed = isFailure(response)
      if (turn !== this.turn) {
        // Nobody wants it any more. It stands on the connection on which the answer came.
        if (!failed) this.send({ event: 'actorLeave' }, response.data.seat)
      } else if (!failed) {
        this.seated(response.data.seat)
      } else if (response.retry) {
        this.again()
      } else if (!(/^connection_/.test(response.code) && response instanceof Error)) {
        // The next connection asks anew; all else is final.
        this.close(failureOf(response))
      }
    })
  }

  /** The connection is gone, and the seat with it. */
  lost (): void {
    this.stop()
    this.vacate()
  }

  /** What waits won't be sent. */
  reject (failure: Failure): void {
    for (const [, callback] of this.queue.splice(0)) callback(failure)
  }

  hear ({ event, args, closed }: Response): void {
    if (!closed) return this.changed(event, () => this.heard.emit(event, ...args.map(unspelled)))
    if (!closed.retry) return this.close(failureOf({ error: closed.reason || closed.code, code: closed.code }))
    this.vacate()
    this.again()
  }

  // ---- the seat

  private seated (seat: number): void {
    this.seat = seat
    this.since = Date.now()
    this.ground.place(seat, this)
    for (const name of this.heard.eventNames()) this.send({ event: 'actorOn', name })
    this.become('open')
    this.flush()
  }

  private flush (): void {
    while (this.seat && this.queue.length && this.ground.ready()) {
      const [frame, callback] = this.queue.shift()!
      this.send(frame, this.seat, callback)
    }
  }

  private vacate (): void {
    if (!this.seat) return
    this.ground.place(this.seat)
    this.seat = 0
    if (Date.now() - this.since > STEADY) this.attempt = 0
    this.become('waiting')
  }

  private again (): void {
    if (this.failure) return
    this.stop()
    const most = this.attempt ? Math.min(LONGEST, FIRST * Math.pow(2, this.attempt - 1)) : 0
    this.attempt++
    // Half of it is chance: those who lost an actor at once must not come back at once.
    this.timer = setTimeout(() => this.sit(), most * (1 - Math.random() / 2))
  }

  /** No attempt follows, and the answer to one under way is void. */
  private stop (): void {
    clearTimeout(this.timer)
    this.turn++
  }

  private close (failure: Failure): void {
    if (this.failure) return
    this.failure = failure
    this.stop()
    if (this.seat) this.ground.place(this.seat)
    this.seat = 0
    this.ground.gone(this)
    this.reject(failure)
    this.become('closed', failure)
  }

  private become (state: SeatState, failure?: Failure): void {
    this.state = state
    this.told.emit('state', state, failure)
  }

  /** What can't leave now is not for the next connection, on which the seat is another. */
  private send (frame: Response, seat = this.seat, callback: Callback = () => {}): void {
    if (this.ground.ready()) this.ground.send(Object.assign(frame, { seat }), callback)
  }

  // ---- events

  private listen (event: string, add: () => void, listener: Listener): () => void {
    this.changed(event, add)
    return () => this.off(event, listener)
  }

  /** The actor is told when the first listens to an event, and when the last does no more. */
  private changed (name: string, change: () => void): void {
    const before = this.heard.listenerCount(name) > 0
    change()
    const after = this.heard.listenerCount(name) > 0
    if (this.seat && before !== after) this.send({ event: after ? 'actorOn' : 'actorOff', name })
  }
}
