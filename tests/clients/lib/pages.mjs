// A page for each subject, with its scripts as <script>, from an origin that is not the server's.

import { once } from 'node:events'
import http from 'node:http'
import { agent } from './agent.mjs'
import { HOST } from './host.mjs'
import { SUBJECTS, built } from './subjects.mjs'

const HTML = { 'Content-Type': 'text/html; charset=utf-8' }
const SCRIPT = { 'Content-Type': 'text/javascript; charset=utf-8' }

/** Serves `/<subject>` and the scripts it needs. */
export async function servePages () {
  const server = http.createServer((request, response) => {
    const [name, n] = request.url.slice(1).split('/')
    const subject = SUBJECTS.find(subject => subject.name === name)
    if (!subject) response.writeHead(name === 'favicon.ico' ? 204 : 404).end()
    else if (n === undefined) response.writeHead(200, HTML).end(pageOf(subject))
    else response.writeHead(200, SCRIPT).end(subject.module ? built(subject.module) : subject.scripts(true)[n])
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  return { url: `http://${HOST}:${server.address().port}`, close: () => { server.closeAllConnections(); server.close() } }
}

function pageOf ({ name, module, scripts, keeps }) {
  const begin = `<!doctype html><title>${name}</title>`
  const found = `window.agentHere = (${agent})(() => window.ActionheroWebsocketClient, ${!keeps.mends})`
  if (module) {
    return `${begin}<script type="module">import { ActionheroWebsocketClient } from '/${name}/0'
window.ActionheroWebsocketClient = ActionheroWebsocketClient
${found}</script>`
  }
  const tags = scripts(true).map((_, n) => `<script src="/${name}/${n}"></script>`)
  return `${begin}${tags.join('')}<script>${found}</script>`
}
