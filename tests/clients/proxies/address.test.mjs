// Whose address a connection shows: the client's, if the proxy is trusted and says what docs/proxies.md has it say;
// whatever the client says of itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { KINDS, useFronts } from '../lib/proxies.mjs'
import { GUESTS } from '../lib/proxies/subjects.mjs'
import { openEngine } from '../lib/transports/plain.mjs'
import { begin } from '../lib/transports/polls.mjs'
import { sit, useStage } from '../lib/transports/seat.mjs'

/** Where clients come from, and where proxies do. */
const CLIENT = '127.0.0.1'
const PROXY = '127.9.9.9'
const FORGED = { 'X-Forwarded-For': '192.0.2.1', 'X-Real-IP': '192.0.2.2', 'X-Forwarded-Port': '1' }

const bound = {
  nginx: [['proxy_http_version 1.1;', `proxy_http_version 1.1;\n    proxy_bind ${PROXY};`]],
  haproxy: [['server node1', `source ${PROXY}\n  server node1`]]
}
/** Without the lines that overwrite what clients may have said. */
const careless = {
  nginx: [...bound.nginx, ['    proxy_set_header X-Real-IP $remote_addr;\n', '']],
  haproxy: [...bound.haproxy, ['  http-request set-header X-Real-IP %[src]\n', '']]
}

const demo = useStage({
  PLAYHOUSE_HTTP__TRUSTED_PROXIES: `${PROXY}/32`,
  PLAYHOUSE_WEBSOCKET__SERVER__ORIGINS: 'same'
})
const front = useFronts(demo, bound)
const lax = useFronts(demo, careless)

const stranger = useDemo()
const untrusted = useFronts(stranger, bound)

/** A client that lies about where it is from. */
function liar (transport) {
  const options = { transports: [transport], extraHeaders: FORGED }
  const open = (url, tell) => openEngine({ version: 6, options }, url, tell)
  return { name: `a liar on ${transport}`, open, transport }
}

for (const kind of KINDS) {
  for (const subject of GUESTS) {
    test(`${kind.program}: ${subject.name} is shown with its own address by who trusts the proxy, else with the proxy's`, async () => {
      for (const [at, address, port] of [[front, CLIENT, 'string'], [untrusted, PROXY, 'number']]) {
        const seat = await sit(subject, at(kind))
        const { remoteIP, remotePort } = await seat.verb('detailsView')
        assert.deepEqual([remoteIP, typeof remotePort], [address, port])
        await seat.end()
      }
    })
  }

  for (const transport of ['polling', 'websocket']) {
    test(`${kind.program}: who lies about its address on ${transport} is not believed`, async () => {
      for (const [at, address] of [[front, CLIENT], [untrusted, PROXY]]) {
        const seat = await sit(liar(transport), at(kind))
        const { remoteIP, remotePort } = await seat.verb('detailsView')
        assert.equal(remoteIP, address)
        assert.ok(Number(remotePort) > 1_023, remotePort)
        await seat.end()
      }
    })

    test(`${kind.program}: a trusted proxy that leaves X-Real-IP to clients has them believed, on ${transport}`, async () => {
      const seat = await sit(liar(transport), lax(kind))
      assert.equal((await seat.verb('detailsView')).remoteIP, FORGED['X-Real-IP'])
      await seat.end()
    })
  }

  test(`${kind.program}: pages of its own address may connect, others not`, async () => {
    const asked = origin => begin(front(kind), 'GET', '/engine.io/?EIO=4&transport=polling', { headers: { origin } })
    const allowed = asked(front(kind).url)
    const { sid } = JSON.parse(/\{.*?\}/.exec(await allowed.end())[0])
    assert.equal((await allowed.head).statusCode, 200)
    await begin(front(kind), 'POST', `/engine.io/?EIO=4&transport=polling&sid=${sid}`, { body: '1' }).end()
    assert.equal((await asked('http://elsewhere.example').head).statusCode, 403)
  })
}
