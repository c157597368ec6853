// Where the actors are: in a demo of this file's own, or, to try the tests themselves, in servers that run already.
//
//     PLAYHOUSE_ACTORS_AT=http://127.0.0.1:6420
//     PLAYHOUSE_ACTORS_AT='2.0.33=http://127.0.0.1:7001, rivetkit by hand=http://127.0.0.1:7001, actor-core=http://…'
//
// The second form gives servers to those subjects whose names begin so, or have such a version; the others are left out.

import { after } from 'node:test'
import { closeClients } from '../client.mjs'
import { useDemo } from '../demo.mjs'
import { closeSockets } from '../raw.mjs'

const AT = process.env.PLAYHOUSE_ACTORS_AT

/** Whether the actors are another's, who does not do all that we promise. */
export const upstream = AT !== undefined

/** The server for the tests of this file: `at(subject)` says where it is, undefined if nowhere. */
export function useServer (env) {
  if (!upstream) {
    const demo = useDemo(env)
    return { at: () => demo, ready: () => demo.ready }
  }
  after(() => { closeClients(); closeSockets() })
  return { at: elsewhere, ready: async () => {} }
}

function elsewhere ({ name }) {
  const pairs = AT.split(',').map(pair => pair.trim())
  for (const pair of pairs) {
    const [, word = '', url] = /^(?:([^=]+)=)?(http:.+)$/.exec(pair)
    if (name.startsWith(word) || name.includes(` ${word} `)) return place(url)
  }
  return undefined
}

/** The same fields that a demo has. */
function place (url) {
  const { hostname, port, origin } = new URL(url)
  return { ip: hostname, port: Number(port), host: `${hostname}:${port}`, url: origin }
}
