// Everything outside that the link uses, in one place, so that tests can put their own there.

import { watchNetwork } from './network'
import { openSocket } from './socket'
import type { Watching } from './network'
import type { Socket } from './socket'
import type { Clock } from './timers'

export interface World {
  clock: Clock
  random: () => number
  open: (url: string, transport: { [name: string]: unknown }) => Socket
  watch: (watching: Watching) => () => void
}

export const world: World = {
  clock: {
    now: () => Date.now(),
    after: (ms, ring) => setTimeout(ring, ms),
    cancel: timer => clearTimeout(timer)
  },
  random: Math.random,
  open: openSocket,
  watch: watchNetwork
}
