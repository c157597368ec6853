// Primus clients on engine.io and SockJS, as a Primus server with that transformer writes them, without such a server:
// all that it contributes is the text of the client.

import { createRequire } from 'node:module'
import { primusClass } from '../client.mjs'
import { within } from '../wait.mjs'

const require = createRequire(import.meta.url)

/** The client of a transformer, on a server that only writes it. */
function writer (version, name) {
  if (name === 'websockets') return name
  return require(`primus${version}/transformer`).extend({
    client: require(`primus${version}/transformers/${name}/client`)
  })
}

/** Which packages a client of that version gets when it asks for its transport. */
const PACKAGES = {
  7: { 'engine.io-client': 'engine.io-client3' },
  8: {}
}

const classes = new Map()

/** The class `Primus` for that transformer. */
export function primusOn (version, transformer) {
  const key = `${version} ${transformer}`
  if (!classes.has(key)) {
    const load = name => require(PACKAGES[version][name] ?? name)
    classes.set(key, primusClass(version, { transformer: writer(version, transformer) }, load))
  }
  return classes.get(key)
}

const NAMES = {
  websockets: () => 'websocket',
  'engine.io': socket => socket.transport.name,
  sockjs: socket => socket.transport
}

/** Opens a client of Primus; `tell` hears what becomes of it. */
export function openPrimus ({ version, transformer, options }, url, tell) {
  const Primus = primusOn(version, transformer)
  const primus = new Primus(url, { reconnect: { min: 50, max: 400, retries: 100 }, ...options })
  primus.on('open', () => tell.opened())
  primus.on('data', value => tell.message(value))
  primus.on('close', () => tell.lost())
  primus.on('end', () => tell.closed('end'))
  primus.on('error', error => tell.failed(error))
  return {
    client: primus,
    transport: () => primus.socket ? NAMES[transformer](primus.socket) : undefined,
    send: value => primus.write(value),
    /** The session's id as the transport has it, where it has one. */
    sid: () => transformer === 'engine.io' ? primus.socket.id : undefined,
    sparkId: () => within(5_000, 'the spark id', new Promise(resolve => primus.id(resolve))),
    end () {
      primus.end()
      // Primus that is told to end in the middle of an attempt tries on for as long as it may.
      primus.options.strategy = []
      primus.recovery?.reset()
    }
  }
}
