// The clients that one suite is run on: ActionHero's own, and ours. A subject is where its scripts come from and what
// it promises; how a script gets into a process or a page is the affair of `places.mjs`.

import { readFileSync } from 'node:fs'
import { actionheroSource, primusLibrary } from './client.mjs'
import { ROOT } from './demo.mjs'

/** A file of our client's build. */
export function built (name) {
  return readFileSync(`${ROOT}client/dist/${name}`, 'utf8')
}

/** What the server puts into the scripts, unless a test says otherwise: the defaults, with no jitter to wait for. */
export const COMPILED = {
  apiPath: '/api', cookieKey: 'sessionID', pathname: '/primus', authorization: false, pingTimeout: 45_000, timeout: 10_000,
  reconnect: { min: 500, max: null, retries: 10, factor: 2, timeout: 30_000 }, strategy: ['disconnect', 'online', 'timeout'],
  manual: false, websockets: true, network: true, queueSize: null, version: '0.0.0'
}

const MARK = '"%%COMPILED%%"'

/** A script as the server delivers it: with an object literal in the place of its mark. */
export function compile (text, values = COMPILED, url = "'http://127.0.0.1:1'") {
  if (text.split(MARK).length !== 2) throw new Error(`the mark ${MARK} must stand in the script exactly once`)
  const literal = JSON.stringify(values).replace('{', `{"url":function () { return ${url} },`)
  return text.replace(MARK, () => literal)
}

/** What ActionHero's client does whatever it stands on. */
const NOTHING = {
  /** Rooms are joined again after a loss. */
  rejoins: false,
  /** Each callback is called in the end, with an error if nobody knows what became of the call. */
  tells: false,
  /** Connecting goes on until it is connected, whatever happens after the websocket is open. */
  persists: false,
  /** `details` are new before `reconnect` fires, `reconnecting` fires, replies of `file` have all their keys. */
  mends: false,
  /** Methods without a callback return promises. */
  promises: false
}
const BELOW = { ...NOTHING, rejoins: true }
const ALL = { rejoins: true, tells: true, persists: true, mends: true, promises: true }

const stock = version => inPage => [primusLibrary(8, { node: !inPage }), actionheroSource(version, 'http://127.0.0.1:1')]
const onOurs = (file, version) => () => [compile(built(file)), actionheroSource(version, 'http://127.0.0.1:1')]

/** All subjects by name. `main` ones are taken where it takes long; `scripts` gives classic scripts in their order, `module` a file to import instead. */
export const SUBJECTS = [
  { name: 'stock', main: true, scripts: stock(29), keeps: NOTHING },
  { name: 'stock-on-ours', main: true, scripts: onOurs('primus.js', 29), keeps: BELOW },
  { name: 'stock-18-on-ours', scripts: onOurs('primus.min.js', 18), keeps: BELOW, version: 18 },
  { name: 'ours', main: true, scripts: () => [compile(built('actionhero.js'))], keeps: ALL },
  { name: 'ours-polling', main: true, scripts: () => [compile(built('actionhero.js'), { ...COMPILED, websockets: false })], keeps: ALL, polls: true },
  { name: 'ours-min', scripts: () => [built('actionhero.min.js')], keeps: ALL },
  { name: 'ours-cjs', module: 'index.cjs', keeps: ALL },
  { name: 'ours-mjs', module: 'index.mjs', keeps: ALL }
]

/** The subjects that SUBJECTS names, or all. */
export function chosenSubjects () {
  const names = process.env.SUBJECTS?.split(',')
  return names ? SUBJECTS.filter(({ name }) => names.includes(name)) : SUBJECTS
}
