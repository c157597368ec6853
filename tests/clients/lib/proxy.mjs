// A TCP proxy in front of a server, so that a test can slow, hold, cut or refuse what goes through it.

import net from 'node:net'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { HOST } from './host.mjs'

/** Resets a connection. Node leaves one open for ever that is reset while its own end is on the way. */
export function reset (socket) {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

/** Listens on a port of its own and passes bytes both ways. */
export class Proxy {
  /** In front of anything that has a `port`; it is looked up anew for every connection. */
  static async before (demo) {
    const proxy = new this(demo)
    proxy.server.listen(0, HOST)
    await once(proxy.server, 'listening')
    proxy.port = proxy.server.address().port
    proxy.url = `http://${HOST}:${proxy.port}`
    return proxy
  }

  constructor (demo) {
    this.demo = demo
    this.pairs = new Set()
    this.delay = 0
    this.held = false
    this.server = net.createServer(near => this.join(near))
  }

  join (near) {
    const far = net.connect(this.demo.port, HOST)
    const pair = { near, far }
    this.pairs.add(pair)
    for (const [a, b] of [[near, far], [far, near]]) {
      a.setNoDelay(true)
      a.on('error', () => {})
      a.on('end', () => this.last(a, () => b.end()))
      a.on('close', failed => {
        if (failed) b.destroy()
        this.last(a, () => { b.destroy(); this.pairs.delete(pair) })
      })
      a.on('data', part => this.pass(part, a, b))
      if (this.held) a.pause()
    }
  }

  /** What comes from `a` goes to `b`, as late as it shall, in order, and no faster than it is taken. */
  async pass (part, a, b) {
    if (this.delay > 0 || a.line) await this.turn(a)
    if (!b.destroyed && !b.write(part)) {
      a.pause()
      b.once('drain', () => { if (!this.held) a.resume() })
    }
  }

  /** Does something after all that `a` has sent has passed. */
  async last (a, act) {
    if (a.line) await this.turn(a)
    act()
  }

  /** Resolves when it is late enough, and all that came before has passed. */
  turn (a) {
    const due = performance.now() + this.delay
    const turn = (a.line ?? Promise.resolve()).then(() => pause(Math.max(0, due - performance.now())))
    a.line = turn
    turn.then(() => { if (a.line === turn) a.line = undefined })
    return turn
  }

  /** From now on every answer takes this many milliseconds longer, half of it on each way. */
  slow (ms) {
    this.delay = ms / 2
  }

  /** Cuts every connection at once, as a pulled cable does when the other end notices. */
  cut () {
    for (const { near, far } of this.pairs) {
      reset(near)
      reset(far)
    }
  }

  /** From now on passes nothing more, without closing anything: both ends are half-open, new ones too. */
  hold () {
    this.held = true
    for (const { near, far } of this.pairs) {
      near.pause()
      far.pause()
    }
  }

  /** Passes on what was held, and everything from now on. */
  release () {
    this.held = false
    for (const { near, far } of this.pairs) {
      near.resume()
      far.resume()
    }
  }

  /** From now on nobody is let in, as if nobody listened, and who was in is cut off. */
  async refuse () {
    const closed = new Promise(resolve => this.server.close(resolve))
    this.cut()
    await closed
  }

  /** Lets people in again, on the port it had. */
  async accept () {
    this.server.listen(this.port, HOST)
    await once(this.server, 'listening')
  }

  close () {
    this.server.close()
    this.cut()
  }
}
