// One websocket that speaks ActionHero's frames and Primus's control strings, and comes back by itself when it breaks.
// It is written anew here rather than taken from the client, as this page has to show every frame as it travels, and
// must work where the application serves no client.

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
// Refusals then carry their code and the names of their inputs.
const OWN_CLIENT = '_playhouse=explorer'

/** What a server refused, or why nothing came back. */
export class Refused extends Error {
  constructor (message, reply) {
    super(String(message).replace(/^Error: /, ''))
    this.reply = reply
  }
}

/**
 * Events: `state` (detail: {state, seconds?}), `open` (detail: {again}) when frames can be sent, `lost`,
 * `frame` (detail: {way, text}) for everything that travels, `said` (detail: the frame).
 * States: off, connecting, open, waiting, ended.
 */
export class Link extends EventTarget {
  constructor (url) {
    super()
    this.url = url
    this.state = 'off'
    this.waiting = new Map()
    this.lastId = 0
    this.failures = 0
    this.times = 0
    this.silence = 0
  }

  get isOpen () { return this.state === 'open' }

  open () {
    clearTimeout(this.retryTimer)
    this.ended = false
    this.become('connecting')
    const socket = new WebSocket(`${this.url}?${OWN_CLIENT}`)
    this.socket = socket
    // Events of a socket that has been replaced concern nobody any more.
    const current = work => event => { if (socket === this.socket) work(event) }
    socket.addEventListener('open', current(() => this.opened()))
    socket.addEventListener('message', current(({ data }) => this.receive(data)))
    socket.addEventListener('close', current(() => this.lost()))
  }

  /** Ends it, and stays away. */
  close () {
    clearTimeout(this.retryTimer)
    const socket = this.socket
    this.socket = null
    socket?.close()
    this.leave('off')
  }

  /** Breaks it as a bad network would: it comes back by itself. */
  cut () {
    const socket = this.socket
    this.socket = null
    socket?.close()
    this.lost()
  }

  opened () {
    this.failures = 0
    this.times += 1
    this.listen()
    this.become('open')
    this.tell('open', { again: this.times > 1 })
  }

  lost () {
    if (this.ended) return this.leave('ended')
    // Longer after each failure, and with chance in it, so that a crowd does not come back at once.
    const whole = Math.min(FIRST_PAUSE * 2 ** this.failures, LONGEST_PAUSE)
    const pause = whole / 2 + Math.random() * whole / 2
    this.failures += 1
    this.leave('waiting', Math.ceil(pause / 1_000))
    this.retryTimer = setTimeout(() => this.open(), pause)
  }

  leave (state, seconds) {
    clearTimeout(this.silenceTimer)
    const was = this.isOpen
    this.become(state, seconds)
    for (const { reject } of this.waiting.values()) reject(new Refused('the connection was lost before the answer came'))
    this.waiting.clear()
    if (was) this.tell('lost', { state })
  }

  /** Told how often the server gives a sign of life, it takes half as long again without one for the end. */
  expectSigns (every) {
    this.silence = every > 0 ? every * 1.5 : 0
    if (this.isOpen) this.listen()
  }

  listen () {
    clearTimeout(this.silenceTimer)
    if (this.silence) this.silenceTimer = setTimeout(() => this.cut(), this.silence)
  }

  receive (text) {
    if (typeof text !== 'string') return
    this.tell('frame', { way: 'in', text })
    let frame
    try {
      frame = JSON.parse(text)
    } catch {
      return
    }
    if (typeof frame === 'string') this.control(frame)
    else if (frame?.context === 'response') this.answered(frame, text)
    else if (frame?.context === 'user') this.tell('said', frame)
  }

  control (text) {
    if (text.startsWith('primus::ping::')) {
      this.listen()
      this.send(text.replace('ping', 'pong'))
    } else if (text === 'primus::server::close') {
      this.ended = true
    }
  }

  answered (reply, text) {
    const call = this.waiting.get(reply.messageId)
    this.waiting.delete(reply.messageId)
    call?.resolve({ reply, text, took: performance.now() - call.began })
  }

  send (frame) {
    const text = JSON.stringify(frame)
    this.socket.send(text)
    this.tell('frame', { way: 'out', text })
  }

  /** Sends a frame; resolves with {reply, text, took}, whatever the reply says. `ms` is how long one may wait for it. */
  ask (frame, ms = 30_000) {
    if (!this.isOpen) return Promise.reject(new Refused('not connected: connect first, at the top of the page'))
    const messageId = ++this.lastId
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(messageId)
        reject(new Refused(`no reply came within ${Math.round(ms / 1_000)} s`))
      }, ms)
      const done = then => value => { clearTimeout(late); then(value) }
      this.waiting.set(messageId, { resolve: done(resolve), reject: done(reject), began: performance.now() })
      this.send({ ...frame, messageId })
    })
  }

  /** A verb's reply; throws what the server refused. */
  async verb (frame) {
    const { reply } = await this.ask(frame)
    if (reply.error) throw new Refused(reply.error, reply)
    return reply
  }

  become (state, seconds) {
    this.state = state
    this.tell('state', { state, seconds })
  }

  tell (name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
