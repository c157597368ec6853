// Between messages and the texts on a websocket: encoding, control strings, and a look at the rooms in passing.

import { control, pong } from './control'
import type { Control } from './control'
import type { Shell } from './link'
import type { Kind, RoomWatch } from './rooms'
import type { Socket } from './socket'

export interface Acts {
  /** The server's heartbeat. */
  ping: () => void
  /** The server ends the connection on purpose. */
  close: () => void
  /** A message was taken. */
  taken: () => void
}

export class Wire {
  socket: Socket | null = null

  constructor (private readonly shell: Shell, private readonly rooms: RoomWatch, private readonly acts: Acts) {}

  transmit (data: unknown, kind: Kind = 'message'): void {
    const counts = !control(data)
    this.encoded(data, text => {
      if (counts) this.rooms.sent(data, kind)
      this.shell.tell('outgoing::data', text)
      this.send(text)
      if (kind !== 'join') this.shell.tell('sent', data)
    })
  }

  /** A control string: for the other end of the link, no message. */
  signal (text: string): void {
    this.encoded(text, packet => this.send(packet))
  }

  received (raw: unknown): void {
    if (typeof raw !== 'string') return
    this.shell.tell('incoming::data', raw)
    this.shell.decode(raw, (error, message) => {
      if (error) this.shell.tell('error', error)
      else if (message !== null && message !== undefined) this.take(message, raw)
    })
  }

  private take (message: unknown, raw: string): void {
    const said = control(message)
    if (said) return this.obey(said)
    if (this.rooms.heard(message)) this.shell.deliver(message, raw)
    this.acts.taken()
  }

  private obey (said: Control): void {
    switch (said.kind) {
      case 'ping':
        this.shell.tell('incoming::ping', Number(said.value))
        this.acts.ping()
        this.shell.tell('outgoing::pong', Number(said.value))
        return this.signal(pong(said.value))
      case 'id':
        return this.shell.tell('incoming::id', said.value)
      case 'close':
        return this.acts.close()
    }
  }

  private encoded (data: unknown, done: (text: string) => void): void {
    this.shell.encode(data, (error, text) => {
      if (error) this.unsaid(data, String(error.message || error))
      else if (typeof text === 'string') done(text.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029'))
      else this.unsaid(data, 'a value of the type ' + typeof data)
    })
  }

  private unsaid (data: unknown, why: string): void {
    const error = Object.assign(new Error('The message cannot be sent: ' + why), { code: 'not_encodable', data })
    this.shell.tell('outgoing::dropped', data, error)
    this.shell.tell('error', error)
  }

  private send (text: string): void {
    if (this.socket) this.socket.send(text)
  }
}
