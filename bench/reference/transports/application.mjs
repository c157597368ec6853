// As much of the demo as the tests of the transports need: rooms, chat, and a few actions, on connections that
// can be written to and ended.

import { randomUUID } from 'node:crypto'

const rooms = new Map([['defaultRoom', new Map()], ['otherRoom', new Map()]])

const VERBS = ['detailsView', 'roomAdd', 'roomLeave', 'roomView', 'say']
const ACTIONS = {
  randomNumber: () => ({ randomNumber: Math.random() }),
  echo: ({ p }) => ({ p, len: Buffer.byteLength(p) }),
  createChatRoom ({ name }) {
    const didCreate = !rooms.has(name)
    if (didCreate) rooms.set(name, new Map())
    return { didCreate }
  }
}

/** One connection. `write` takes a value, `end` ends it for good. */
export class Connection {
  constructor (write, end, id = randomUUID()) {
    Object.assign(this, { id, write, end })
    this.write({ welcome: 'Welcome to the demo api', context: 'api' })
  }

  take (frame) {
    const { event, messageId, ...operands } = frame
    if (event === 'quit') return this.quit()
    if (event === 'action') {
      const { action, ...params } = operands.params
      return this.write({ ...ACTIONS[action](params), context: 'response', messageId })
    }
    try {
      const data = this.verb(event, operands)
      this.write({ status: 'OK', context: 'response', data, messageId })
    } catch ({ message }) {
      const error = `Error: ${message}`
      this.write({ status: error, error, context: 'response', data: operands, messageId })
    }
  }

  verb (event, { room, message }) {
    if (!VERBS.includes(event)) throw new Error(`verb not found or not allowed (${event})`)
    if (event === 'detailsView') {
      return { id: this.id, rooms: [...rooms].filter(([, members]) => members.has(this)).map(([name]) => name) }
    }
    const members = rooms.get(room)
    if (event === 'roomAdd') {
      if (!members) throw new Error('room does not exist')
      members.set(this, { id: this.id, joinedAt: Date.now() })
      return true
    }
    if (!members?.has(this)) throw new Error(`connection not in this room (${room})`)
    if (event === 'roomLeave') return members.delete(this)
    if (event === 'roomView') {
      const list = [...members.values()].map(member => [member.id, member])
      return { room, members: Object.fromEntries(list), membersCount: list.length }
    }
    for (const member of members.keys()) {
      member.write({ message: String(message), room, from: this.id, context: 'user', sentAt: Date.now() })
    }
  }

  quit () {
    this.leave()
    this.end()
  }

  leave () {
    for (const members of rooms.values()) members.delete(this)
  }
}
