// Who waits for which reply, and what became of those whose reply can't come any more.

import { guarded } from '../guarded'
import { ownFailure } from './failure'
import type { Response } from './failure'

export type Callback = (response: any) => void

interface Flight {
  /** Whether it has left; what has not left yet waits in the link's queue. */
  sent: boolean
  /** The how manieth frame of this client it is. */
  ordinal: number
  event: unknown
  messageId: unknown
}

const REUSED = 'Another message was sent with the same messageId: whose a reply is can\'t be told'
const LOST = 'The connection was lost before the reply came: it may have been done or not. Ask before doing it again.'

export class Pending {
  /** By messageId, as in ActionHero's client. */
  readonly callbacks: { [messageId: string]: Callback } = Object.create(null)
  private readonly flights = new Map<string, Flight>()

  /** Remembers a frame that is about to be written. Who waits under that id can't be answered any more. */
  add (messageId: unknown, event: unknown, ordinal: number, callback: Callback | undefined): void {
    const key = keyOf(messageId)
    const displaced = this.take(key)
    this.flights.set(key, { sent: false, ordinal, event, messageId })
    if (callback) this.callbacks[key] = callback
    if (displaced) guarded(() => displaced(ownFailure('id_reused', REUSED, messageId)))
  }

  has (messageId: unknown): boolean {
    return this.flights.has(keyOf(messageId))
  }

  sent (messageId: unknown): void {
    const flight = this.flights.get(keyOf(messageId))
    if (flight) flight.sent = true
  }

  /** Who waits for the reply to this frame is told that none will come. Returns whether anybody did. */
  fail (messageId: unknown, failure: Response): boolean {
    const callback = this.take(keyOf(messageId))
    if (callback) guarded(() => callback(failure))
    return callback !== undefined
  }

  /**
   * The link is gone, and with it the replies to what was sent on it; but a link of ours asks again for what
   * `changesRooms`.
   */
  lost (changesRooms: boolean): void {
    const again = (event: unknown): boolean => changesRooms && (event === 'roomAdd' || event === 'roomLeave')
    this.each(({ sent, event }) => sent && !again(event), 'connection_lost', LOST)
  }

  /** Nothing more will be sent or come. */
  closed (text: string): void {
    this.each(() => true, 'connection_closed', text)
  }

  /** Completes a reply in the way in which ActionHero's documentation shows it, before anybody sees it. */
  complete (response: Response): void {
    const flight = this.flights.get(keyOf(response.messageId))
    if (!flight || flight.event !== 'file') return
    if (response.error === undefined) response.error = null
    if (response.messageCount === undefined) response.messageCount = flight.ordinal
  }

  answered (response: Response): void {
    const callback = this.take(keyOf(response.messageId))
    if (callback) guarded(() => callback(response))
  }

  private each (wanted: (flight: Flight) => boolean, code: string, text: string): void {
    // A list of its own: who hears of it may ask anew at once.
    for (const flight of Array.from(this.flights.values())) {
      if (wanted(flight)) this.fail(flight.messageId, ownFailure(code, text, flight.messageId))
    }
  }

  private take (key: string): Callback | undefined {
    const callback = this.callbacks[key]
    delete this.callbacks[key]
    this.flights.delete(key)
    return typeof callback === 'function' ? callback : undefined
  }
}

/** As a text, as in ActionHero's client; but objects are not all the same. */
function keyOf (messageId: any): string {
  return typeof messageId === 'object' && messageId ? JSON.stringify(messageId) : String(messageId)
}
