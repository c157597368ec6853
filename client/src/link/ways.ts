// By which transports a link is tried. Where a proxy lets no websocket through, polling takes its place.

export type Transport = 'websocket' | 'polling'

/** What was learned so far. */
export interface Past {
  /** What worked last: it opened, and something came. */
  last?: Transport
  /** Attempts in vain since then. */
  misses: number
  /** Websockets in a row that opened, and were lost before anything came. */
  mute: number
}

/** A server that is away for a moment does all that too: only after this much of it another way is looked for. */
const DOUBT = 2

/**
 * The transports of the next attempt, one after the other. `websockets` says whether they are wanted, `polls` whether
 * there is what polling needs.
 */
export function ways (websockets: boolean, polls: boolean, { last, misses, mute }: Past): Transport[] {
  if (!websockets || (last === 'polling' && !misses)) return ['polling']
  if (polls && mute >= DOUBT) return ['polling', 'websocket']
  if (!polls || (last === 'websocket' && misses < DOUBT)) return ['websocket']
  return ['websocket', 'polling']
}
