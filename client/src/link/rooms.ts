// Which rooms the connection is in, learnt from the frames that pass, so that they are joined again after a
// loss. This works below every client, ActionHero's own included, which does not know of it.

interface Frame { event?: unknown, messageId?: unknown, room?: unknown, [key: string]: unknown }

/**
 * What a frame is: a `join` of the link's own, whose reply nobody else sees; a joining or leaving that was not
 * answered before the loss, asked `again`; a `greeting`; an `early` one, written before this link was tried; or
 * any `message`. Of the first three the replies come before what waits may follow.
 */
export type Kind = 'join' | 'again' | 'greeting' | 'early' | 'message'

interface Asked {
  event: string
  room: string
  frame: Frame
  kind: Kind
  /** Something else was sent under the same id, whose reply is not this one's. */
  shared: boolean
}

/** A room that could not be joined again. It is tried once more with the next link. */
export interface Refused { room: string, response: any }

const OWN = 'playhouse:'
let counted = 0

export class RoomWatch {
  /** Each room with the frame that joined it: there may be more in it than the room's name. */
  private readonly joined = new Map<string, Frame>()
  private readonly asked = new Map<string, Asked>()
  private readonly refused = new Set<string>()
  private readonly awaited = new Set<string>()
  private frames = 0
  private uncounted = 0

  constructor (private readonly onRefused: (refused: Refused) => void) {}

  /**
   * A new link is open: the frames that bring it to where the old one was. Joining and leaving that were not
   * answered are asked again, in their order and under their own ids, since to ask twice does no harm.
   */
  opened (): Array<[Frame, Kind]> {
    const joins = Array.from(this.joined.values(), (frame): [Frame, Kind] =>
      [Object.assign({}, frame, { messageId: OWN + ++counted }), 'join'])
    const again = Array.from(this.asked.values()).filter(isOpenChange).map(({ frame }): [Frame, Kind] => [frame, 'again'])
    this.ended()
    return joins.concat(again)
  }

  /** The connection ended for good: nobody waits for replies any more. */
  ended (): void {
    this.asked.clear()
    this.refused.clear()
    this.awaited.clear()
    this.frames = this.uncounted = 0
  }

  /** Whether all awaited replies are here. */
  get settled (): boolean {
    return this.awaited.size === 0
  }

  /** A frame is about to be written on the open link. */
  sent (message: unknown, kind: Kind = 'message'): void {
    const ordinal = ++this.frames
    const awaited = kind === 'join' || kind === 'again' || kind === 'greeting'
    if (kind !== 'message' && kind !== 'greeting') this.uncounted++
    if (!isObject(message)) return
    const event = String(message.event)
    const key = keyOf(message.messageId, ordinal)
    const before = this.asked.get(key)
    if (before) before.shared = true
    if (!awaited && !changes(event) && event !== 'detailsView') return
    this.asked.set(key, { event, room: roomOf(message), frame: message, kind, shared: false })
    if (awaited) this.awaited.add(key)
  }

  /** A message came. Returns whether it is for the application. */
  heard (message: unknown): boolean {
    if (!isObject(message)) return true
    const reply = message as any
    if (reply.context !== 'response') return true
    const key = this.keyOfReply(reply)
    const asked = this.asked.get(key)
    // Who counts its frames, as version 18 does, begins anew with each attempt to come back. It knows nothing
    // of those that joined its rooms again, and does not count those that it wrote before.
    if (typeof reply.messageCount === 'number') reply.messageCount -= this.uncounted
    if (!asked || !answers(asked, reply)) return true
    this.asked.delete(key)
    this.awaited.delete(key)
    this.learn(asked, reply)
    return asked.kind !== 'join'
  }

  private keyOfReply (reply: any): string {
    const key = keyOf(reply.messageId, NaN)
    return this.asked.has(key) ? key : keyOf(undefined, reply.messageCount)
  }

  private learn ({ event, room, frame, kind }: Asked, reply: any): void {
    const ok = reply.status === 'OK'
    if (event === 'detailsView') {
      if (ok && isObject(reply.data) && Array.isArray(reply.data.rooms)) this.replace(reply.data.rooms)
    } else if (event === 'roomAdd') {
      if (ok || isInside(reply)) this.entered(room, frame)
      else if (kind === 'join') this.missed(room, reply)
    } else if (event === 'roomLeave' && (ok || isOutside(reply))) {
      this.joined.delete(room)
      this.refused.delete(room)
    }
  }

  private entered (room: string, frame: Frame): void {
    this.joined.set(room, frame)
    this.refused.delete(room)
  }

  private missed (room: string, response: any): void {
    this.refused.add(room)
    this.onRefused({ room, response })
  }

  /** The server's own list counts: its code may have let somebody into a room, or put them out. */
  private replace (rooms: unknown[]): void {
    const before = new Map(this.joined)
    this.joined.clear()
    for (const name of rooms.map(String).concat(Array.from(this.refused))) {
      this.joined.set(name, before.get(name) || { event: 'roomAdd', room: name })
    }
  }
}

function changes (event: string): boolean {
  return event === 'roomAdd' || event === 'roomLeave'
}

/** Who greets greets anew with each link, and the link's own joins are made anew. */
function isOpenChange ({ event, kind }: Asked): boolean {
  return changes(event) && kind !== 'join' && kind !== 'greeting'
}

/** The replies to verbs say how it went; those to actions have a `status` only if the action gives one. */
function answers ({ shared }: Asked, { status, error }: any): boolean {
  return status !== undefined || (error !== undefined && !shared)
}

function isObject (value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null
}

/** Who is in the room already has what was asked for: code of the server's may have let them in. */
function isInside ({ code, error }: any): boolean {
  return code === 'already_in_room' || /^Error: connection already in this room/.test(error)
}

/** Who is not in the room has left it, and needs not come back to it. */
function isOutside ({ code, error }: any): boolean {
  return code === 'not_in_room' || /^Error: connection not in this room/.test(error)
}

/** Servers give an id of their own to frames with none, or with a falsy one; then only the count tells. */
function keyOf (messageId: unknown, ordinal: number): string {
  return messageId ? JSON.stringify(messageId) : '#' + ordinal
}

/** Operands are positional: the room is the first of them, whatever its name. */
function roomOf (frame: Frame): string {
  if (frame.room) return String(frame.room)
  const name = Object.keys(frame).filter(key => key !== 'event' && key !== 'messageId' && key !== 'room')[0]
  return name === undefined ? '' : String(frame[name])
}
