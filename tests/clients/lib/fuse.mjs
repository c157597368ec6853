// A proxy that cuts by itself: after so many bytes, in the middle of whatever passes then.

import { Proxy } from './proxy.mjs'

/** A proxy with fuses. */
export class Fuse extends Proxy {
  join (near) {
    near.up = true
    super.join(near)
  }

  /** Lets so many bytes pass, up to the server or down to the client, and then cuts as `how` says. */
  burn (bytes, up, how) {
    this.fuse = { left: bytes, up, how }
  }

  pass (part, a, b) {
    const { fuse } = this
    if (!fuse || fuse.up !== Boolean(a.up) || this.delay > 0) return super.pass(part, a, b)
    if (part.length < fuse.left) {
      fuse.left -= part.length
      return super.pass(part, a, b)
    }
    this.fuse = undefined
    b.write(part.subarray(0, fuse.left), () => this.sever(fuse.how))
  }

  /** Cuts every connection: by a reset, or by an end. */
  sever (how) {
    if (how === 'reset') return this.cut()
    for (const { near, far } of [...this.pairs]) {
      near.end()
      far.end()
    }
  }
}
