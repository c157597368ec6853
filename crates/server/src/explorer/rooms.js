// The rooms that this page knows: those the application names and those a person asked for. Who is in them, what was
// heard in them. Knows no elements.

const KEPT = 200

/** Event `change` (detail: the room) when anything of a room has changed. */
export class Rooms extends EventTarget {
  constructor (link, named) {
    super()
    this.link = link
    this.all = new Map()
    this.fresh = new Set()
    for (const room of named) this.room(room.name, room)
    link.addEventListener('said', ({ detail }) => this.heard(detail))
    link.addEventListener('lost', () => this.lost())
    link.addEventListener('open', ({ detail }) => { if (detail.again) this.back() })
  }

  /** The room of that name, known from now on. */
  room (name, told) {
    if (!this.all.has(name)) {
      this.all.set(name, { name, named: Boolean(told), message: told?.message, wanted: false, joined: false, lines: [], unread: 0, members: null, dropped: 0 })
    }
    return this.all.get(name)
  }

  /** Joins; throws what the server refused. That one is in it already is no failure. */
  async join (room) {
    room.wanted = true
    try {
      await this.link.verb({ event: 'roomAdd', room: room.name })
    } catch (error) {
      if (!/already in this room/.test(error.message)) {
        room.wanted = false
        throw error
      }
    }
    room.joined = true
    this.changed(room)
    await this.count(room)
  }

  async leave (room) {
    room.wanted = false
    await this.link.verb({ event: 'roomLeave', room: room.name })
    room.joined = false
    room.members = null
    this.changed(room)
  }

  /** Asks who is in it. */
  async count (room) {
    const { data } = await this.link.verb({ event: 'roomView', room: room.name })
    room.members = Object.values(data.members)
    this.changed(room)
  }

  say (room, message) {
    return this.link.verb({ event: 'say', room: room.name, message })
  }

  heard (said) {
    const room = this.room(said.room)
    room.unread += 1
    this.keep(room, said)
  }

  note (room, text) {
    this.keep(room, { note: text, sentAt: Date.now() })
  }

  keep (room, line) {
    room.lines.push(line)
    if (room.lines.length > KEPT) {
      room.lines.shift()
      room.dropped += 1
    }
    this.changed(room)
  }

  seen (room) {
    if (!room.unread) return
    room.unread = 0
    this.changed(room)
  }

  /** The server knows nobody whose line is gone. */
  lost () {
    for (const room of this.all.values()) {
      if (!room.joined) continue
      room.joined = false
      room.members = null
      this.note(room, 'The connection ended, and with it the membership.')
    }
  }

  /** A new connection begins in no room: those that were wanted are joined again. */
  async back () {
    for (const room of [...this.all.values()].filter(room => room.wanted)) {
      try {
        await this.join(room)
        this.note(room, 'Joined again by a new connection. What was said in between was not heard.')
      } catch (error) {
        this.note(room, `Not joined again: ${error.message}.`)
      }
    }
  }

  // A busy room is drawn once for each picture of the screen, not once for each message.
  changed (room) {
    if (!this.fresh.size) requestAnimationFrame(() => this.tell())
    this.fresh.add(room)
  }

  tell () {
    const rooms = [...this.fresh]
    this.fresh.clear()
    for (const room of rooms) this.dispatchEvent(new CustomEvent('change', { detail: room }))
  }
}
