// The clients that are sent through proxies: the latest of each family, on each of its transports.

import { io } from 'socket.io-client'
import { SUBJECTS } from '../transports/subjects.mjs'

/** Opens socket.io's client of version 4. A frame goes as `message`, and its reply comes as `response`. */
function openSocketio ({ options }, url, tell) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 400, ...options })
  let over = false
  socket.on('connect', () => tell.opened())
  for (const name of ['welcome', 'response', 'say', 'message', 'alert']) socket.on(name, frame => tell.message(frame))
  socket.on('connect_error', error => tell.failed(error))
  socket.on('disconnect', reason => over ? tell.closed(reason) : tell.lost())
  return {
    client: socket,
    transport: () => socket.io.engine?.transport?.name,
    send: frame => socket.emit('message', frame),
    sid: () => undefined,
    end () {
      over = true
      if (!socket.connected) tell.closed('never connected')
      socket.disconnect()
    }
  }
}

function socketio (how, transports, rest) {
  const options = { transports }
  return {
    name: `socket.io-client 4, ${how}`,
    open: (url, tell) => openSocketio({ options }, url, tell),
    transformer: 'socket.io',
    mount: '/socket.io/',
    comesBack: true,
    large: 900_000,
    upgrades: false,
    ...rest,
    options
  }
}

const SOCKETIO = [
  socketio('websocket', ['websocket'], { transport: 'websocket' }),
  socketio('polling', ['polling'], { transport: 'polling' }),
  socketio('upgrading', ['polling', 'websocket'], { transport: 'websocket', upgrades: true })
]

const LATEST = /^(Primus 8|engine\.io-client 6|sockjs-client|websocket at)/
const wanted = process.env.SUBJECTS?.split(',')

/** All of them, or those whose names have one of the texts of `SUBJECTS` in them. */
export const GUESTS = [
  ...SUBJECTS.filter(({ name }) => LATEST.test(name)),
  ...SOCKETIO.filter(({ name }) => !wanted || wanted.some(text => name.includes(text)))
]

/** The guest of exactly that name, if it is wanted. */
export function guest (name) {
  return GUESTS.filter(subject => subject.name === name)
}
