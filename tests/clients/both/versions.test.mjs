// A client against a server of another version: one that is older and knows nothing of ours, and one that is newer and
// says what no client of today understands. What both know works on.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { everywhere } from '../lib/both.mjs'
import { HOST } from '../lib/host.mjs'
import { until } from '../lib/wait.mjs'

/** What a newer server may say at any time. No client may be harmed by it. */
const ODD = ['5', '"text"', '[1, 2]', '{}', 'true', 'not json', '', '{"context":"hologram","depth":3}', '"primus::teleport::x"',
  '{"context":"response","messageId":"nobody asked"}', '{"context":"response"}', '{"context":"user"}']

let server
let odd = []

before(async () => {
  server = new WebSocketServer({ port: 0, host: HOST })
  await once(server, 'listening')
  server.url = `http://${HOST}:${server.address().port}`
  server.on('connection', socket => {
    const say = value => socket.send(JSON.stringify(value))
    say({ welcome: 'Welcome to the other api', context: 'api', era: 7 })
    for (const text of odd) socket.send(text)
    if (odd.length) socket.send(Buffer.from([0, 1, 2]))
    socket.on('message', data => {
      const { event, messageId, room } = JSON.parse(data)
      const reply = { status: 'OK', context: 'response', messageId, ...(odd.length ? { since: 'tomorrow' } : {}) }
      if (event === 'detailsView') say({ ...reply, data: { id: 'you', fingerprint: 'f', rooms: [], unknown: { deep: [1] } } })
      else if (event === 'action') say({ answer: 42, context: 'response', messageId })
      else say({ ...reply, status: 'Error: no', error: 'Error: no', data: { room } })
      for (const text of odd) socket.send(text)
    })
  })
})

after(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

everywhere(use => {
  // Version 18 counts, which these servers do not. Nor can they be polled.
  if (use.subject.version || use.subject.polls) return

  async function works () {
    const a = await use().connect(server.url)
    assert.equal((await a.look()).id, 'you')
    assert.equal((await a.ask('action', 'anything')).answer, 42)
    const refused = await a.ask('say', 'room', 'x')
    assert.equal(refused.error, 'Error: no')
    assert.equal(refused.code, undefined, 'a code that the server did not give')
    assert.equal((await a.look()).welcomeMessage, 'Welcome to the other api')
    assert.deepEqual(await a.told('disconnected'), [])
    return a
  }

  test('an older server, which gives no codes', async () => {
    odd = []
    await works()
  })

  test('a newer server, which says what nobody understands', async () => {
    odd = use.keeps.mends ? ['null', ...ODD] : ODD
    try {
      const a = await works()
      if (use.keeps.mends) {
        await until('unknown contexts are told as api', async () =>
          (await a.log()).some(({ event, value }) => event === 'api' && value.context === 'hologram'))
      }
    } finally {
      odd = []
    }
  })
})
