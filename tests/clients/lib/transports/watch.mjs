// A proxy that knows which request waits: a client that polls is only there for the server while one does.

import { Proxy, reset } from '../proxy.mjs'

/** An answer of whose body, or of whose frames, something has come. */
const ANSWERED = /\r\n\r\n[^]/

export class Watch extends Proxy {
  /** How far websockets get: everywhere, to their first frame from the server, or nowhere. There are such networks. */
  sockets = 'all'
  severed = 0

  async pass (part, a, b) {
    this.look(part, a)
    if (!this.severs(a)) return super.pass(part, a, b)
    this.severed += 1
    reset(a)
    reset(b)
  }

  severs (a) {
    if (this.sockets === 'all') return false
    const pair = [...this.pairs].find(({ near, far }) => near === a || far === a)
    if (!/^upgrade: *websocket/im.test(pair?.asked ?? '')) return false
    return this.sockets === 'none' || ANSWERED.test(pair.answer)
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
    return [...this.pairs].some(({ asked, answer }) => begin.test(asked ?? '') && !ANSWERED.test(answer))
  }
}
