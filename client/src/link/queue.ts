// What was written while no link was open, in order. The oldest goes when there is no more room.

export class Queue {
  readonly items: unknown[] = []

  constructor (private readonly limit: number) {}

  /** Adds one and returns those that had to go: the oldest, or the new one where nothing may wait. */
  push (item: unknown): unknown[] {
    this.items.push(item)
    return this.items.splice(0, Math.max(0, this.items.length - this.limit))
  }

  /** Adds one without a look at the limit. */
  append (item: unknown): void {
    this.items.push(item)
  }

  /** Takes the oldest one that waits. */
  shift (): unknown {
    return this.items.shift()
  }

  get length (): number {
    return this.items.length
  }
}
