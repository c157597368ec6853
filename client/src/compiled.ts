// What the server writes into the classic scripts. In the npm package nobody does, and Primus's and
// ActionHero's defaults hold.

import type { BackOffOptions } from './link/back-off'

export interface Compiled {
  url?: () => string
  apiPath?: string
  cookieKey?: string
  pathname?: string
  authorization?: boolean
  pingTimeout?: number | false
  timeout?: number
  reconnect?: { [Key in keyof BackOffOptions]?: number | null }
  strategy?: string[] | false
  manual?: boolean
  websockets?: boolean
  network?: boolean
  queueSize?: number | null
  version?: string
}

// An object and not a constant: a minifier would reckon with the text before the server has replaced it.
const slot: { value: unknown } = { value: '%%COMPILED%%' }

export const compiled: Compiled = typeof slot.value === 'object' && slot.value ? slot.value : {}

/** The server's address: what it wrote in, else the page's own. */
export function defaultUrl (): string {
  try {
    const url = compiled.url && compiled.url()
    // A page from a file has the origin "null".
    if (url && url !== 'null') return String(url)
  } catch (error) {
    // The address is reckoned from the page, and there is none.
  }
  if (typeof location !== 'undefined' && location.host) return location.protocol + '//' + location.host
  return 'http://127.0.0.1'
}
