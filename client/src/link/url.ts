// From the address that a page gives to the one of the websocket.

import { defaultUrl } from '../compiled'

/** An address taken apart, with the names that Primus has for the parts. */
export interface Address {
  href: string
  protocol: string
  auth: string
  host: string
  hostname: string
  port: string
  pathname: string
  query: string
}

/** Takes an address as people write it: whole, without `http:`, or only a path. */
export function parseUrl (text: string): Address {
  const { href, protocol, username, password, host, hostname, port, pathname, search } = parsed(withScheme(text), text)
  const auth = username + (password && ':' + password)
  return { href, protocol, auth, host, hostname, port, pathname, query: search }
}

/** An address, or a path, as it is; anything else begins with the name of a host. */
export function withScheme (text: string): string {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(text) || text.charAt(0) === '/' ? text : 'http://' + text
}

function parsed (whole: string, text: string): URL {
  try {
    return new URL(whole, defaultUrl())
  } catch (error) {
    throw new TypeError(`url: "${text}" is no address. Write one such as https://example.org`)
  }
}

/** What plugins may change before the websocket is opened. */
export interface Target {
  protocol: string
  secure: boolean
  auth: string
  host: string
  pathname: string
  query: string
}

/** The websocket's address. The path of the page's own is left out, as Primus does; its query stays. */
export function target ({ protocol, auth, host, query }: Address, pathname: string, now: number): Target {
  const secure = protocol === 'https:' || protocol === 'wss:'
  const own = ['_primuscb=' + now.toString(36), '_playhouse=' + VERSION]
  return { protocol: 'ws:', secure, auth, host, pathname, query: query.slice(1).split('&').filter(Boolean).concat(own).join('&') }
}

export function websocketUrl ({ protocol, secure, auth, host, pathname, query }: Target): string {
  const scheme = secure ? protocol.replace(':', 's:') : protocol
  return scheme + '//' + (auth && auth + '@') + host + pathname + (query && '?' + query)
}
