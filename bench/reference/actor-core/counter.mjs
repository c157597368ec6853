// The demo's counter, for actor-core.

import { Actor, UserError } from 'actor-core'

export class Counter extends Actor {
  constructor () {
    super({ rpc: { timeout: 60_000 } })
  }

  _onInitialize () {
    return { count: 0, log: [] }
  }

  increment (rpc, by = 1) {
    this._state.count += by
    this._broadcast('newCount', this._state.count)
    return this._state.count
  }

  getCount () {
    return this._state.count
  }

  append (rpc, tag) {
    this._state.log.push(tag)
    return this._state.log.length
  }

  getLog () {
    return this._state.log
  }

  echo (rpc, value) {
    return value
  }

  nothing () {
    return null
  }

  blob (rpc, n) {
    return 'x'.repeat(n)
  }

  fail (rpc, kind) {
    if (kind === 'user') {
      throw new UserError('insufficient funds', { code: 'insufficient_funds', metadata: { needed: 5, have: 2 } })
    }
    if (kind === 'plain') throw new UserError('plain failure')
    throw new Error('secret detail 8271')
  }

  async slow (rpc, ms) {
    await new Promise(resolve => setTimeout(resolve, ms))
    return ms
  }
}
