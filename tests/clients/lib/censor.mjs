// A network that lets no websocket through, as there are many: requests pass, and who asks for an upgrade is refused,
// gets no answer, or is cut off.

import { Proxy, reset } from './proxy.mjs'

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** What may happen to a websocket. */
export const MANNERS = {
  refuses: near => near.end(FORBIDDEN),
  swallows: () => {},
  drops: reset
}

export class Censor extends Proxy {
  /** How many websockets were wanted. */
  upgrades = 0
  manner = MANNERS.refuses

  join (near) {
    near.comes = true
    super.join(near)
  }

  async pass (part, a, b) {
    if (a.swallowed) return
    if (!a.comes || !/^GET [^]*\r\nupgrade: *websocket\r\n/i.test(part.toString('latin1'))) return super.pass(part, a, b)
    a.swallowed = true
    this.upgrades += 1
    this.manner(a)
  }
}
