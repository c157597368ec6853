// Everything outside that the link uses, in one place, so that tests can put their own there.

import { watchNetwork } from './network'
import { Polling, canPoll } from './polling'
import { openSocket } from './socket'
import type { Watching } from './network'
import type { Socket } from './socket'
import type { Clock } from './timers'
import type { Transport } from './ways'

export interface World {
  clock: Clock
  random: () => number
  /** Whether there is what polling needs. */
  polls: () => boolean
  /** Opens one; `settings` are those of the package `ws`. */
  open: (transport: Transport, url: string, settings: { [name: string]: any }) => Socket
  watch: (watching: Watching) => () => void
}

export const world: World = {
  clock: {
    now: () => Date.now(),
    after: (ms, ring) => setTimeout(ring, ms),
    cancel: timer => clearTimeout(timer)
  },
  random: Math.random,
  polls: canPoll,
  open: (transport, url, settings) => transport === 'polling' ? new Polling(url, settings.headers) : openSocket(url, settings),
  watch: watchNetwork
}
