// A server that vanishes: what it does to those who connect, it does in one phase of connecting. When a test has seen
// enough, it passes everybody on to a real server, as one does who was restarted.

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { HOST } from './host.mjs'
import { reset } from './proxy.mjs'
import { within } from './wait.mjs'

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const ANSWER = 'Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnever'

/** A text frame as servers send it. Short texts only. */
function frame (value) {
  const body = Buffer.from(JSON.stringify(value))
  if (body.length > 125) throw new Error('a short frame is meant')
  return Buffer.concat([Buffer.from([0x81, body.length]), body])
}

const WELCOME = frame({ welcome: 'Welcome to the phantom api', context: 'api' })

/** What a client's text frames say, as far as they are whole and short. */
function* framesOf (bytes) {
  for (let at = 0; at + 6 <= bytes.length;) {
    const short = bytes[at + 1] & 127
    const start = at + (short === 126 ? 8 : 6)
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short
    if (bytes.length < start + length) return
    const mask = bytes.subarray(start - 4, start)
    if ((bytes[at] & 15) === 1) yield bytes.subarray(start, start + length).map((byte, n) => byte ^ mask[n & 3]).toString()
    at = start + length
  }
}

/** Waits for the request and answers with a text and perhaps something more. */
function answering (text, then = () => {}) {
  return socket => socket.once('data', () => { socket.write(text); then(socket) })
}

/** Opens the websocket, and then does something. Who wants none is cut off. */
function opening (then, accepted = key => createHash('sha1').update(key + MAGIC).digest('base64')) {
  return socket => socket.once('data', request => {
    const [, key] = /sec-websocket-key: (.+)\r\n/i.exec(request.toString('latin1')) ?? []
    if (!key) return reset(socket)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accepted(key)}\r\n\r\n`)
    then(socket)
  })
}

/** Answers frames until one has this event, and then is gone. */
function untilVerb (event) {
  return opening(socket => {
    let bytes = Buffer.alloc(0)
    socket.write(WELCOME)
    socket.on('data', part => {
      bytes = Buffer.concat([bytes, part])
      for (const text of framesOf(bytes)) {
        if (JSON.parse(text).event === event) return reset(socket)
      }
    })
  })
}

/**
 * The phases. `open` are those after the websocket is open, where ActionHero's client has no promise: it configures
 * itself at the first opening only.
 */
export const PHASES = [
  { name: 'accepts and is silent', manner: () => {}, slow: true },
  { name: 'accepts and resets at once', manner: reset },
  { name: 'accepts and ends at once', manner: socket => socket.end() },
  { name: 'resets when the request comes', manner: socket => socket.once('data', () => reset(socket)) },
  { name: 'resets within its answer', manner: answering('HTTP/1.1 101 Switching Pro', reset) },
  { name: 'stops within its answer', manner: answering('HTTP/1.1 101 Switching Pro'), slow: true },
  { name: 'answers 503', manner: answering(`HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n${ANSWER}`) },
  { name: 'answers 404', manner: answering(`HTTP/1.1 404 Not Found\r\n${ANSWER}`) },
  { name: 'answers 401', manner: answering(`HTTP/1.1 401 Unauthorized\r\n${ANSWER}`) },
  { name: 'answers 200', manner: answering(`HTTP/1.1 200 OK\r\n${ANSWER}`) },
  { name: 'answers garbage', manner: answering(randomBytes(300), socket => socket.end()) },
  { name: 'speaks garbage before it is asked', manner: socket => socket.end(randomBytes(300)) },
  { name: 'answers 101 with a wrong key', manner: opening(() => {}, () => 'bm90IHRoaXMgb25lLCBub3Qgbm93') },
  { name: 'opens and is silent', manner: opening(() => {}), open: true, slow: true },
  { name: 'opens and resets before the welcome', manner: opening(reset), open: true },
  { name: 'opens and ends before the welcome', manner: opening(socket => socket.end()), open: true },
  { name: 'opens and closes with 1001', manner: opening(socket => socket.end(Buffer.from([0x88, 2, 3, 233]))), open: true },
  { name: 'opens, sends half a frame and is silent', manner: opening(socket => socket.write(WELCOME.subarray(0, 20))), open: true, slow: true },
  { name: 'opens, sends half a frame and resets', manner: opening(socket => socket.write(WELCOME.subarray(0, 20), () => reset(socket))), open: true },
  { name: 'opens and sends a broken frame', manner: opening(socket => socket.write(randomBytes(60).fill(0xff, 0, 2))), open: true },
  { name: 'welcomes and is silent', manner: opening(socket => socket.write(WELCOME)), open: true, slow: true },
  { name: 'welcomes and resets', manner: opening(socket => socket.write(WELCOME, () => reset(socket))), open: true },
  { name: 'resets at roomAdd', manner: untilVerb('roomAdd'), open: true },
  { name: 'resets between roomAdd and detailsView', manner: untilVerb('detailsView'), open: true }
]

/** Listens on a port of its own. Until `passOn` everybody meets `manner`. */
export class Phantom {
  static async before (demo, manner) {
    const phantom = new Phantom(demo, manner)
    phantom.server.listen(0, HOST)
    await once(phantom.server, 'listening')
    phantom.port = phantom.server.address().port
    phantom.url = `http://${HOST}:${phantom.port}`
    return phantom
  }

  constructor (demo, manner) {
    Object.assign(this, { demo, manner, met: 0, sockets: new Set(), passing: false })
    this.server = net.createServer(socket => this.meet(socket))
  }

  meet (socket) {
    this.keep(socket)
    if (this.passing) return this.join(socket)
    this.met += 1
    this.manner(socket)
  }

  keep (socket) {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.sockets.delete(socket))
  }

  join (socket) {
    const far = net.connect(this.demo.port, HOST)
    this.keep(far)
    socket.pipe(far).pipe(socket)
    socket.on('close', () => far.destroy())
    far.on('close', () => socket.destroy())
  }

  /** From now on everybody who comes meets the real server. */
  passOn () {
    this.passing = true
  }

  /** Cuts everybody off. */
  cut () {
    for (const socket of this.sockets) reset(socket)
  }

  close () {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

/** A port on which nobody is accepted: its process stands still and its queue is full. */
export async function neverAccepting () {
  const program = `const s = require("net").createServer(); s.listen({ port: 0, host: "${HOST}", backlog: 1 }, () => console.log(s.address().port))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await within(5_000, 'it listens', once(child.stdout, 'data'))
  const port = Number(line)
  child.kill('SIGSTOP')
  const queue = Array.from({ length: 8 }, () => net.connect(port, HOST).on('error', () => {}))
  return {
    port,
    url: `http://${HOST}:${port}`,
    async close () {
      child.kill('SIGKILL')
      await once(child, 'exit')
      for (const socket of queue) socket.destroy()
    }
  }
}
