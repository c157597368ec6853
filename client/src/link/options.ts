// The link's options: those given, else those that the server wrote in, else Primus's defaults.

import { compiled } from '../compiled'
import { milliseconds } from './milliseconds'
import type { BackOffOptions } from './back-off'

/** When the link comes back by itself. */
export type Strategy = 'disconnect' | 'online' | 'timeout'

export interface LinkOptions {
  pathname: string
  /** How long a first connection may take; 0 for as long as it wants. */
  timeout: number
  /** The longest time without a ping; 0 if the server sends none. */
  pingTimeout: number
  reconnect: BackOffOptions
  strategy: Strategy[]
  manual: boolean
  /** Whether websockets are wanted; otherwise it polls from the start. */
  websockets: boolean
  network: boolean
  queueSize: number
  transport: { [name: string]: unknown }
}

/** What people pass, in all the forms that Primus takes. */
export interface GivenOptions { [name: string]: any }

export function linkOptions (given: GivenOptions): LinkOptions {
  const { pathname = compiled.pathname || '/primus' } = given
  return {
    pathname: pathname.charAt(0) === '/' ? pathname : '/' + pathname,
    timeout: milliseconds(pick(given.timeout, compiled.timeout), 10_000),
    pingTimeout: pingTimeout(given),
    reconnect: backOffOptions(given.reconnect || {}),
    strategy: strategies(pick(given.strategy, compiled.strategy)),
    manual: Boolean(pick(given.manual, compiled.manual)),
    websockets: pick(given.websockets, compiled.websockets) !== false,
    network: pick(given.network, compiled.network) !== false,
    queueSize: queueSize(pick(given.queueSize, compiled.queueSize)),
    transport: given.transport || {}
  }
}

function pick<T> (given: T, written: T): T {
  return given === undefined ? written : given
}

function backOffOptions (given: GivenOptions): BackOffOptions {
  const written = compiled.reconnect || {}
  const min = milliseconds(pick(given.min, written.min), 500)
  return {
    min,
    max: Math.max(min, milliseconds(pick(given.max, written.max), Infinity)),
    retries: count(pick(given.retries, written.retries), 10),
    factor: count(pick(given.factor, written.factor), 2),
    timeout: milliseconds(pick(pick(given['reconnect timeout'], given.timeout), written.timeout), 30_000)
  }
}

function count (value: unknown, otherwise: number): number {
  const number = Number(value)
  return value === undefined || value === null || isNaN(number) ? otherwise : number
}

function queueSize (value: unknown): number {
  return Math.max(0, count(value, Infinity))
}

/** Without a word on it: come back always, but not to a server that may have refused us for good. */
function strategies (value: string | string[] | false | undefined): Strategy[] {
  if (value === false) return []
  const list = typeof value === 'string' ? value.split(',') : value || []
  if (list.length > 0) return list.map(name => String(name).trim().toLowerCase()) as Strategy[]
  return compiled.authorization ? ['disconnect', 'online'] : ['disconnect', 'online', 'timeout']
}

/** Up to Primus 6 the client pinged, and had options for it. */
function pingTimeout (given: GivenOptions): number {
  if (given.pong !== undefined) {
    warn('`pong` has no effect: `pingTimeout` says how long to wait for the server\'s ping.')
  }
  if (given.ping !== undefined && given.pingTimeout === undefined) {
    warn('`ping` is an option of Primus 6, taken as `pingTimeout` = `ping` + 20000: set that instead.')
    return given.ping === false ? 0 : milliseconds(given.ping, 25_000) + 20_000
  }
  const value = pick(given.pingTimeout, compiled.pingTimeout)
  return value === false ? 0 : milliseconds(value, 45_000)
}

const warned: { [text: string]: true } = {}

function warn (text: string): void {
  if (warned[text] || typeof console === 'undefined') return
  warned[text] = true
  console.warn('playhouse-client: ' + text)
}
