// How long to wait before the next attempt. Two counts: attempts in vain, which have an end, and steps, which
// make the waits longer. A link that opens and is lost at once has not failed, but must not be hurried either.

import { LONGEST } from './timers'

export interface BackOffOptions {
  /** The first wait is at least this long, in milliseconds. */
  min: number
  /** No wait is longer. */
  max: number
  /** Attempts in vain before it is given up. */
  retries: number
  /** Each wait is this many times as long as the one before. */
  factor: number
  /** How long one attempt may take. */
  timeout: number
}

export class BackOff {
  /** Attempts since a link was open. */
  attempt = 0
  private step = 0

  constructor (readonly options: BackOffOptions, private readonly random: () => number) {}

  /** How long to wait now; `null` if it is time to give up. */
  next (): number | null {
    const { factor, retries } = this.options
    if (this.attempt >= retries) return null
    this.attempt++
    const min = Math.min(this.options.min, LONGEST)
    const max = Math.min(this.options.max, LONGEST)
    // No power may be infinite: nought times infinity is no number, and there is no wait like that.
    const base = min * Math.min(Math.pow(factor, this.step++), LONGEST)
    // Half of the longest wait is chance: clients that lost their server at once must not come back at once.
    const low = Math.max(min, Math.min(base, max / 2))
    const high = Math.max(low, Math.min(2 * base, max))
    return Math.round(low + this.random() * (high - low))
  }

  /** A link is open. */
  opened (): void {
    this.attempt = 0
  }

  /** It stayed open. */
  steady (): void {
    this.step = 0
  }

  /** Everything is different now: the network is back, or a person asked. */
  reset (): void {
    this.opened()
    this.steady()
  }
}
