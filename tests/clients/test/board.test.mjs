// The example `board`: an actor and a room on one connection, with our own client, and with ActionHero's, which knows nothing
// of actors and sends their verbs as frames.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, closeClients, connect, record, send } from '../lib/client.mjs'
import { dataFolder, example, launch } from '../lib/demo.mjs'
import { ActionheroWebsocketClient } from '../lib/own.mjs'
import { until, within } from '../lib/wait.mjs'

const env = { PLAYHOUSE_DATA_DIR: dataFolder() }
const start = (port = 0) => launch({ command: example('board'), env: { ...env, PORT: String(port) } }).listening()
const opened = []

let server
before(async () => { server = await start() })
after(async () => {
  for (const client of opened) await client.disconnect()
  closeClients()
  await server.stop()
})

/** One of our clients in both halves. */
async function visit (name) {
  const client = new ActionheroWebsocketClient({ url: server.url, reconnect: { min: 20, max: 200, retries: Infinity } })
  opened.push(client)
  const said = []
  client.on('say', ({ message, from }) => said.push([message, from]))
  await within(5_000, 'it is connected', client.connect())
  await client.roomAdd('pointers')
  const board = client.actor('board', 'main', { name })
  const heard = []
  for (const event of ['pinned', 'moved', 'unpinned']) board.on(event, what => heard.push([event, what]))
  await until('the seat is taken', () => board.state === 'open')
  return { client, board, said, heard }
}

const at = (x, y) => ({ x, y })
const pointer = (name, x, y) => JSON.stringify({ name, at: at(x, y) })

test('notes last, pointers do not, and one websocket has both', async () => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  const id = await ann.board.call('pin', 'Buy milk', at(0.5, 0.25))
  await ben.board.call('put', id, at(0.75, 0.5))
  await ann.client.say('pointers', pointer('Ann', 0.1, 0.2))
  await until('Ben hears it', () => ben.said.length === 1)
  assert.deepEqual(ben.said, [[{ name: 'Ann', at: at(0.1, 0.2) }, ann.client.id]])
  const note = { id, by: 'Ann', text: 'Buy milk', at: at(0.5, 0.25) }
  assert.deepEqual(ann.heard, [['pinned', note], ['moved', { id, at: at(0.75, 0.5) }]])

  const late = await visit('Late')
  assert.deepEqual(await late.board.call('notes'), [{ ...note, at: at(0.75, 0.5) }])
  assert.deepEqual(late.said, [])
})

test('an action uses both halves', async () => {
  const ann = await visit('Ann')
  const notes = await ann.board.call('notes')
  assert.equal((await ann.client.action('tidy', { board: 'main', by: 'Ann' })).data, notes.length)
  await until('it is said', () => ann.said.length === 1)
  assert.deepEqual(ann.said, [[{ tidiedBy: 'Ann' }, '0']])
  assert.deepEqual(ann.heard[0], ['moved', { id: notes[0].id, at: at(0, 0) }])
})

test('what is wrong is refused in the words of the example', async () => {
  const { client, board } = await visit('Ann')
  await assert.rejects(board.call('pin', 'x', at(2, 0)), { code: 'off_the_board' })
  await assert.rejects(board.call('unpin', 99), { code: 'no_such_note', message: 'there is no note 99' })
  await assert.rejects(board.call('tidy'), { code: 'unknown_action' }, 'that is for the application alone')
  await assert.rejects(client.say('pointers', 'there!'), { code: 'no_pointer' })
  await assert.rejects(client.say('pointers', pointer('Ann', 0, -1)), { code: 'off_the_board' })
  await assert.rejects(client.actor('board', 'main', { name: ' ' }).call('notes'), { code: 'no_name' })
})

test('ActionHero\'s own client does it by frames', async () => {
  const ann = await visit('Ann')
  const stock = await connect(server.url)
  assert.equal((await ask(stock, 'roomAdd', 'pointers')).data, true)
  const { data: { seat } } = await send(stock, { event: 'actorConnect', actor: ['board', 'main'], params: { name: 'Stock' } })
  const said = record(stock, 'say')
  const { data: id } = await send(stock, { event: 'actorCall', seat, name: 'pin', args: ['By hand', at(0, 0)] })
  await until('Ann sees it', () => ann.heard.some(([event, what]) => event === 'pinned' && what.id === id))
  await ann.client.say('pointers', pointer('Ann', 1, 1))
  await until('it hears the room', () => said.length === 1)
})

test('after kill -9 the notes are there, and the clients are in both halves again', async () => {
  const [ann, ben] = [await visit('Ann'), await visit('Ben')]
  const before = await ann.board.call('notes')
  await server.kill()
  await until('it is noticed', () => ann.board.state === 'waiting' && ben.board.state === 'waiting')
  const waiting = ann.board.call('pin', 'Meanwhile', at(0.5, 0.5))
  server = await start(server.port)
  const id = await within(10_000, 'what waited is done', waiting)
  assert.deepEqual((await ben.board.call('notes')).map(note => note.id), [...before.map(note => note.id), id])
  await ann.board.call('unpin', id)
  await until('Ben hears it', () => ben.heard.some(([event, what]) => event === 'unpinned' && what.id === id))
  await until('both are connected', () => ann.client.state === 'connected' && ben.client.state === 'connected')
  await ann.client.say('pointers', pointer('Ann', 0.3, 0.3))
  await until('Ben is in the room again', () => ben.said.some(([message]) => message.at?.x === 0.3))
})
