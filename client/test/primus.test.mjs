// Primus's own API over the link.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { source } from './lib/source.mjs'
import { within } from './lib/wait.mjs'

const { WebSocketServer } = createRequire(import.meta.url)('ws')
const { Primus } = await source('primus/primus.ts')

let server, url
before(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  url = `http://127.0.0.1:${server.address().port}`
})
after(() => server.close())

/** A client that greets and writes at once, and the first messages that the server gets of it. */
async function heard (count, transformer) {
  const frames = []
  const all = new Promise(resolve => server.once('connection', socket => socket.on('message', text => {
    const frame = JSON.parse(text)
    frames.push(frame)
    if (frame.event) socket.send(JSON.stringify({ context: 'response', status: 'OK', messageId: frame.messageId }))
    if (frames.length === count) resolve()
  })))
  const primus = new Primus(url)
  const errors = []
  primus.on('error', error => errors.push(error.message))
  primus.greet(() => [{ event: 'roomAdd', room: 'a', messageId: 1 }, { event: 'detailsView', messageId: 2 }])
  primus.transform('outgoing', transformer)
  primus.write({ waits: true })
  await within('messages', all).finally(() => primus.end())
  return { frames: frames.map(({ event = 'waits' }) => event), errors }
}

describe('the greeting goes through the transformers, ahead of what waits', () => {
  test('that are done at once', async () => {
    assert.deepEqual((await heard(3, packet => { packet.data.x = 1 })).frames, ['roomAdd', 'detailsView', 'waits'])
  })

  test('that take their time', async () => {
    const slow = (packet, done) => { setTimeout(done, packet.data.event ? 20 : 0) }
    assert.deepEqual((await heard(3, slow)).frames, ['roomAdd', 'detailsView', 'waits'])
  })

  test('that keep some to themselves, now or later', async () => {
    assert.deepEqual((await heard(2, ({ data }) => data.event !== 'detailsView')).frames, ['roomAdd', 'waits'])
    const later = ({ data }, done) => { setTimeout(() => done(null, data.event !== 'detailsView'), 5) }
    assert.deepEqual((await heard(2, later)).frames, ['roomAdd', 'waits'])
  })

  test('that fail at one of them', async () => {
    const { frames, errors } = await heard(2, ({ data }) => { if (data.event === 'detailsView') throw new Error('no') })
    assert.deepEqual([frames, errors], [['roomAdd', 'waits'], ['no']])
  })
})
