// The clients that every test of the transports runs on, and what each of them can.

import { openEngine, openSocket, openSockjs } from './plain.mjs'
import { openPrimus } from './primus.mjs'

const MIB = 1_048_576
const STREAMS = ['xhr-streaming', 'eventsource']

/**
 * `transport` is the one it ends up on, `upgrades` that it begins with another. `polls` is how its waiting request
 * begins where that ends with every answer. `large` is a message well below the limit of its mount. `comes back`
 * is who connects again by itself. `deaf`: it does not notice that its stream has broken until it sends something.
 */
function subject (name, open, { transport, upgrades = false, polls, large = 900_000, comesBack = false, ...rest }) {
  return { name, open: (url, tell) => open(rest, url, tell), transport, upgrades, polls, large, comesBack, ...rest }
}

const ENGINE_POLL = /^GET \/\S+[?&]sid=/
const SOCKJS_POLL = /^POST \/\S+\/xhr[ ?]/

function primus (version, transformer, how, rest) {
  return subject(`Primus ${version} on ${transformer}, ${how}`, openPrimus,
    { version, transformer, large: MIB, comesBack: true, mount: '/primus', ...rest })
}

function engine (version, how, options, rest) {
  return subject(`engine.io-client ${version}, ${how}`, openEngine,
    { version, transformer: 'engine.io', options, mount: '/engine.io/', ...rest })
}

const upgrading = { transport: 'websocket', upgrades: true }
const polling = { transport: 'polling', polls: ENGINE_POLL }

/** Of SockJS: that transport alone. */
function only (transport) {
  return {
    transport,
    polls: transport === 'xhr-polling' ? SOCKJS_POLL : undefined,
    deaf: transport === 'xhr-streaming'
  }
}

const SOCKJS = ['websocket', ...STREAMS, 'xhr-polling']

const ALL = [
  primus(8, 'websockets', 'websocket', { transport: 'websocket' }),
  ...[8, 7].flatMap(version => [
    primus(version, 'engine.io', 'upgrading', upgrading),
    primus(version, 'engine.io', 'polling', { ...polling, options: { websockets: false } })
  ]),
  ...SOCKJS.map(name => primus(8, 'sockjs', name, { ...only(name), options: { transport: { transports: [name] } } })),
  primus(7, 'sockjs', 'its own choice', only('websocket')),
  ...[6, 3].flatMap(version => [
    engine(version, 'upgrading', {}, upgrading),
    engine(version, 'polling', { transports: ['polling'] }, polling),
    engine(version, 'websocket', { transports: ['websocket'] }, { transport: 'websocket' })
  ]),
  engine(3, 'upgrading, base64', { forceBase64: true }, upgrading),
  ...SOCKJS.map(name => subject(`sockjs-client, ${name}`, openSockjs,
    { transformer: 'sockjs', mount: '/sockjs', ...only(name), options: { transports: [name] } })),
  subject('websocket at /sockjs/websocket', openSocket,
    { transformer: 'sockjs', mount: '/sockjs', path: '/sockjs/websocket', transport: 'websocket' })
]

const wanted = process.env.SUBJECTS?.split(',')

/** All of them, or those whose names have one of the texts of `SUBJECTS` in them. */
export const SUBJECTS = wanted ? ALL.filter(({ name }) => wanted.some(text => name.includes(text))) : ALL
