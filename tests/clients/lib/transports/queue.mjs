// What arrives by itself, kept until somebody asks for it.

import { within } from '../wait.mjs'

/** Things in the order in which they came. Whoever asks for more than there are waits, not for ever. */
export class Queue {
  constructor (what) {
    this.what = what
    this.items = []
    this.wakers = new Set()
  }

  get length () { return this.items.length }

  push (item) {
    this.items.push(item)
    for (const wake of [...this.wakers]) wake()
  }

  /** The next so many of them. */
  async take (count, ms = 10_000) {
    let wake
    const enough = new Promise(resolve => {
      wake = () => { if (this.items.length >= count) resolve() }
      this.wakers.add(wake)
      wake()
    })
    try {
      await within(ms, `${count} of: ${this.what}`, enough)
    } catch (error) {
      error.message += `; there were ${this.items.length}`
      throw error
    } finally {
      this.wakers.delete(wake)
    }
    return this.items.splice(0, count)
  }

  async next (ms) {
    return (await this.take(1, ms))[0]
  }
}
