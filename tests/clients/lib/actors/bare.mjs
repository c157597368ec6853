// BARE: numbers, texts and lumps of bytes one after the other, behind two bytes of version.

/** Writes one message of that version. */
export class Writer {
  constructor (version) {
    this.parts = [Buffer.from([version & 255, version >> 8])]
  }

  byte (value) {
    this.parts.push(Buffer.from([value]))
    return this
  }

  /** Seven bits at a time, the lowest first. */
  uint (value) {
    const bytes = []
    for (let rest = BigInt(value); ;) {
      const low = Number(rest & 127n)
      rest >>= 7n
      bytes.push(rest ? low | 128 : low)
      if (!rest) break
    }
    this.parts.push(Buffer.from(bytes))
    return this
  }

  data (bytes) {
    this.uint(bytes.length)
    this.parts.push(Buffer.from(bytes))
    return this
  }

  text (value) {
    return this.data(Buffer.from(value))
  }

  bytes () {
    return Buffer.concat(this.parts)
  }
}

/** Reads one message. */
export class Reader {
  constructor (bytes) {
    this.bytes = bytes
    this.version = bytes.readUInt16LE(0)
    this.at = 2
  }

  byte () {
    if (this.at >= this.bytes.length) throw new Error(`the message ends at ${this.at}`)
    return this.bytes[this.at++]
  }

  uint () {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }

  data () {
    const length = Number(this.uint())
    if (this.at + length > this.bytes.length) throw new Error(`${length} bytes are said to be at ${this.at}`)
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  text () {
    return this.data().toString('utf8')
  }

  optional (read) {
    return this.byte() ? read() : null
  }

  end () {
    if (this.at !== this.bytes.length) throw new Error(`${this.bytes.length - this.at} bytes are left over`)
  }
}
