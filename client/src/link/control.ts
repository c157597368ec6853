// Primus's control strings: messages that are for the link and not for the application.

export type Control =
  | { kind: 'ping', value: string }
  | { kind: 'id', value: string }
  | { kind: 'close' }

const PREFIX = 'primus::'

/** What a message says to the link; `null` if it is for the application, as unknown kinds are. */
export function control (message: unknown): Control | null {
  if (typeof message !== 'string' || message.indexOf(PREFIX) !== 0) return null
  const end = message.indexOf('::', PREFIX.length)
  const kind = message.slice(PREFIX.length, end)
  const value = message.slice(end + 2)
  if (kind === 'ping' || kind === 'id') return { kind, value }
  return kind === 'server' && value === 'close' ? { kind: 'close' } : null
}

export const ASK_ID = PREFIX + 'id::'

export function pong (value: string): string {
  return PREFIX + 'pong::' + value
}
