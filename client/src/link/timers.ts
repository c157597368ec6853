// Timers with names. A timer that fires much too late says so: the machine slept, the tab was frozen, or
// somebody set the clock, and nothing that was due meanwhile may be believed.

export interface Clock {
  now: () => number
  after: (ms: number, ring: () => void) => unknown
  cancel: (timer: any) => void
}

/** Browsers delay the timers of hidden pages by a second, busy pages by a few. */
export const LATE = 5_000
/** Timers can't be set to more milliseconds than this. */
export const LONGEST = 0x7fffffff

export class Timers {
  private readonly running = new Map<string, unknown>()

  constructor (private readonly clock: Clock) {}

  /**
   * Calls `ring` after that time, in the place of what was set under this name. One that fires much too late
   * calls `late` if there is one, and else begins anew, once: what it waited for had no chance to happen. Not
   * again and again, since in a hidden page every timer may be late by a minute.
   */
  set (name: string, ms: number, ring: () => void, late: () => void = () => this.set(name, ms, ring, ring)): void {
    this.clear(name)
    if (!(ms <= LONGEST)) return
    const due = this.clock.now() + ms
    this.running.set(name, this.clock.after(ms, () => {
      this.running.delete(name)
      if (this.clock.now() - due <= LATE) ring()
      else late()
    }))
  }

  active (name: string): boolean {
    return this.running.has(name)
  }

  clear (name: string): void {
    this.clock.cancel(this.running.get(name))
    this.running.delete(name)
  }

  clearAll (): void {
    for (const name of Array.from(this.running.keys())) this.clear(name)
  }
}
