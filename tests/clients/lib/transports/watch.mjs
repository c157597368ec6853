// A proxy that knows which request waits: a client that polls is only there for the server while one does.

import { Proxy, reset } from '../proxy.mjs'

export class Watch extends Proxy {
  /** Whether websockets are let through; there are networks that do not. */
  sockets = true

  async pass (part, a, b) {
    this.look(part, a)
    if (this.sockets || !/^upgrade: *websocket/im.test(part.toString('latin1'))) return super.pass(part, a, b)
    reset(a)
    b.destroy()
  }

  /** A request waits until the first byte of its answer's body. */
  look (part, a) {
    const text = part.toString('latin1')
    for (const pair of this.pairs) {
      if (pair.near === a && /^[A-Z]+ \//.test(text)) Object.assign(pair, { asked: text, answer: '' })
      if (pair.far === a) pair.answer = ((pair.answer ?? '') + text).slice(0, 10_000)
    }
  }

  /** Whether a request that begins like this waits at the server. */
  waits (begin) {
    return [...this.pairs].some(({ asked, answer }) => begin.test(asked ?? '') && !/\r\n\r\n[^]/.test(answer))
  }
}
