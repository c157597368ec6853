// One websocket to /primus that speaks ActionHero's frames and Primus' control strings, and comes
// back by itself when it breaks. It knows nothing of pages.

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
// The server pings every 30 s; half as long again without a ping means that the line is dead.
const SILENCE = 45_000

/**
 * Events: `state` (detail: {name, seconds?}), `open` after each new connection is ready for frames,
 * `say` and `news` (detail: the frame).
 */
export class Connection extends EventTarget {
  constructor (url) {
    super()
    this.url = url
    this.waiting = new Map()
    this.lastId = 0
    this.failures = 0
    this.state = 'idle'
  }

  get isOpen () {
    return this.state === 'open'
  }

  open () {
    clearTimeout(this.retryTimer)
    this.tell('connecting')
    this.dismissed = false
    const socket = new WebSocket(this.url)
    this.socket = socket
    // Events of a socket that has been replaced concern nobody any more.
    const current = work => event => { if (socket === this.socket) work(event) }
    socket.addEventListener('open', current(() => this.opened()))
    socket.addEventListener('message', current(({ data }) => this.receive(data)))
    socket.addEventListener('close', current(() => this.closed()))
  }

  opened () {
    this.failures = 0
    this.listen()
    this.tell('open')
    this.dispatchEvent(new Event('open'))
  }

  closed () {
    clearTimeout(this.silenceTimer)
    for (const { reject } of this.waiting.values()) reject(new Error('the connection was lost'))
    this.waiting.clear()
    if (this.dismissed) return this.tell('dismissed')
    this.scheduleRetry()
  }

  /** Waits longer after each failure, with chance in it so that a crowd does not come back at once. */
  scheduleRetry () {
    const whole = Math.min(FIRST_PAUSE * 2 ** this.failures, LONGEST_PAUSE)
    const pause = whole / 2 + Math.random() * whole / 2
    this.failures += 1
    this.tell('waiting', Math.ceil(pause / 1_000))
    this.retryTimer = setTimeout(() => this.open(), pause)
  }

  /** Starts the time anew in which a ping must come. */
  listen () {
    clearTimeout(this.silenceTimer)
    this.silenceTimer = setTimeout(() => this.socket.close(), SILENCE)
  }

  receive (text) {
    let frame
    try {
      frame = JSON.parse(text)
    } catch {
      return
    }
    if (typeof frame === 'string') this.control(frame)
    else if (frame && typeof frame === 'object') this.dispatch(frame)
  }

  control (text) {
    if (text.startsWith('primus::ping::')) {
      this.listen()
      this.socket.send(JSON.stringify(text.replace('ping', 'pong')))
    } else if (text === 'primus::server::close') {
      this.dismissed = true
    }
  }

  dispatch (frame) {
    if (frame.context === 'response') {
      const call = this.waiting.get(frame.messageId)
      this.waiting.delete(frame.messageId)
      if (!call) return
      if (frame.error) call.reject(new Error(String(frame.error).replace(/^Error: /, '')))
      else call.resolve(frame)
    } else {
      this.dispatchEvent(new CustomEvent(frame.context === 'user' ? 'say' : 'news', { detail: frame }))
    }
  }

  /** Sends a frame; resolves with the reply, rejects with the server's text. */
  ask (frame) {
    if (!this.isOpen) return Promise.reject(new Error('not connected'))
    const messageId = ++this.lastId
    this.socket.send(JSON.stringify({ ...frame, messageId }))
    return new Promise((resolve, reject) => this.waiting.set(messageId, { resolve, reject }))
  }

  /** Runs an action. */
  action (action, params = {}) {
    return this.ask({ event: 'action', params: { ...params, action } })
  }

  tell (name, seconds) {
    this.state = name
    this.dispatchEvent(new CustomEvent('state', { detail: { name, seconds } }))
  }
}

/** Where the websocket of this page's own server is. */
export function ownServer () {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/primus`
}
