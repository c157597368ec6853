// Whether the other end is there. The server pings; when its pings stop, the link is dead. After a sleep,
// nobody can say whether they stopped, so a question is sent, and any message at all is an answer to it.

import type { Clock, Timers } from './timers'

/** A server that has said nothing for so long after the opening may be gone: half-open links look like this. */
const QUIET = 5_000
/** How long a question may stay without an answer. */
const PATIENCE = 10_000

export interface Acts {
  /** Asks the server for a sign of life. */
  ask: () => void
  /** The other end is gone. */
  dead: () => void
}

export class Pulse {
  private last = 0

  constructor (
    private readonly timers: Timers,
    private readonly clock: Clock,
    private readonly pingTimeout: number,
    private readonly acts: Acts
  ) {}

  /** A link is open. */
  start (): void {
    this.last = 0
    this.beat()
    this.timers.set('quiet', QUIET, () => { if (!this.last) this.suspect() })
  }

  /** Whether anything at all came on this link. */
  get alive (): boolean {
    return this.last > 0
  }

  /** The server's ping came; the next one is due in time. */
  beat (): void {
    if (!this.pingTimeout) return
    this.timers.set('pulse', this.pingTimeout, this.acts.dead, () => this.suspect())
  }

  /** Anything came. */
  heard (): void {
    this.last = this.clock.now()
    if (!this.timers.active('probe')) return
    this.timers.clear('probe')
    this.beat()
  }

  /** The page was asleep, perhaps for long. */
  check (): void {
    if (Math.abs(this.clock.now() - this.last) > QUIET) this.suspect()
  }

  private suspect (): void {
    if (this.timers.active('probe')) return
    this.timers.set('probe', PATIENCE, this.acts.dead)
    this.acts.ask()
  }
}
