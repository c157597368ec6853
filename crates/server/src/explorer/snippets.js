// The same call for elsewhere: as a line for the shell, and as a program for the browser.

import { address, travelling } from './run.js'

/** For a shell as POSIX has it: within single quotes nothing has a meaning but their end. */
const quoted = text => `'${text.replaceAll("'", "'\\''")}'`

/** The call with curl. */
export function curl (places, action, params, way) {
  const method = way === 'get' ? 'get' : 'post'
  const url = quoted(places.origin + address(places, action, params, method))
  if (method === 'get') return `curl ${url}`
  const body = quoted(JSON.stringify(travelling(action, params)))
  return `curl ${url} \\\n  -H 'content-type: application/json' \\\n  -d ${body}`
}

/** The call with the browser's client. */
export function clientJs (places, action, params) {
  const load = places.client ? `// <script src="${places.client}"></script>\n` : ''
  const given = travelling(action, params)
  const args = Object.keys(given).length ? `, ${JSON.stringify(given, null, 2)}` : ''
  return `${load}const client = new ActionheroWebsocketClient()
await client.connect()
const answer = await client.action(${JSON.stringify(action.name)}${args})`
}
