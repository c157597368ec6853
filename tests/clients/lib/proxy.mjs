// A TCP proxy in front of the demo, so that a test can cut, hold or refuse what goes through it.

import net from 'node:net'
import { once } from 'node:events'

/** Listens on a port of its own and passes bytes both ways. */
export class Proxy {
  static async before (demo) {
    const proxy = new Proxy(demo)
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`
    return proxy
  }

  constructor (demo) {
    this.demo = demo
    this.pairs = new Set()
    this.server = net.createServer(near => this.join(near))
  }

  join (near) {
    const far = net.connect(this.demo.port, '127.0.0.1')
    const pair = { near, far }
    this.pairs.add(pair)
    for (const [a, b] of [[near, far], [far, near]]) {
      a.setNoDelay(true)
      a.on('error', () => {})
      a.on('close', () => { b.destroy(); this.pairs.delete(pair) })
      a.pipe(b)
    }
  }

  /** Cuts every connection at once, as a pulled cable does when the other end notices. */
  cut () {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  /** From now on passes nothing more, without closing anything: both ends are half-open. */
  hold () {
    for (const { near, far } of this.pairs) {
      near.unpipe(far).pause()
      far.unpipe(near).pause()
    }
  }

  close () {
    this.server.close()
    this.cut()
  }
}
