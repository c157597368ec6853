// Durability by force: the server is ended with SIGKILL at a random moment while clients write, fifty times. What it had
// answered is there afterwards, once; what it had not is there once or not at all; alarms that came due meanwhile have
// run; and every connection that had begun has ended.
//
//     KILLS=200 SEED=7 node --test actors/kill.test.mjs

import assert from 'node:assert/strict'
import { test } from 'node:test'
import WebSocket from 'ws'
import { dataFolder, example, launch } from '../lib/demo.mjs'
import { diceOf } from '../lib/dice.mjs'
import { sendJson } from '../lib/http.mjs'
import { until, within } from '../lib/wait.mjs'

const KILLS = Number(process.env.KILLS ?? 50)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const LEDGERS = 4
const CLIENTS = 8
const IN_FLIGHT = 16

const folder = dataFolder()
const start = () => launch({ command: example('ledger'), env: { PLAYHOUSE_DATA_DIR: folder, PLAYHOUSE_LOG__FILTER: 'warn' } }).listening()

/** The id of a ledger. */
async function idOf (server, key) {
  const { json } = await sendJson(server, 'PUT', '/actors', { name: 'ledger', key })
  return json.actor.actor_id
}

/** One client: writes entries without pause until its server is gone, and remembers which were answered. */
class Writer {
  constructor (server, id, name) {
    Object.assign(this, { name, sent: 0, waiting: new Map(), answered: [] })
    this.socket = new WebSocket(`ws://${server.host}/gateway/${id}/connect`, ['rivet', 'rivet_encoding.json'])
    this.socket.on('error', () => {})
    this.socket.on('message', text => this.heard(JSON.parse(text).body))
    this.begun = new Promise(resolve => { this.socket.once('message', resolve) })
  }

  heard ({ tag, val }) {
    if (tag === 'Init') while (this.waiting.size < IN_FLIGHT) this.write()
    if (tag === 'Error') assert.fail(`${val.group}/${val.code}: ${val.message}`)
    if (tag !== 'ActionResponse') return
    const entry = this.waiting.get(val.id[1])
    this.waiting.delete(val.id[1])
    this.answered.push(entry)
    this.write()
  }

  write () {
    const number = this.sent++
    const late = number % 10 === 9
    const entry = `${this.name}.${number}${late ? '.late' : ''}`
    const [name, args] = late ? ['addLater', [5, entry]] : ['add', [entry]]
    this.waiting.set(String(number), entry)
    this.socket.send(JSON.stringify({ body: { tag: 'ActionRequest', val: { id: ['$BigInt', String(number)], name, args } } }))
  }
}

/** One round: starts the server, looks whether the last round was kept, lets clients write, and ends it by force. */
async function round (number, dice, before) {
  const server = await start()
  const ids = await Promise.all(Array.from({ length: LEDGERS }, (_, nth) => idOf(server, `round ${number} ${nth}`)))
  if (before) await kept(server, before)
  const writers = Array.from({ length: CLIENTS }, (_, nth) => new Writer(server, ids[nth % LEDGERS], `${number}.${nth}`))
  await within(10_000, 'all have begun', Promise.all(writers.map(writer => writer.begun)))
  const moment = dice.below(300)
  await new Promise(resolve => setTimeout(resolve, moment))
  await server.kill()
  return { ids, writers, moment }
}

/** What the round before wrote is there as it should be. */
async function kept (server, { ids, writers, moment }) {
  for (const [nth, id] of ids.entries()) {
    const mine = writers.filter((_, who) => who % LEDGERS === nth)
    const books = async () => (await sendJson(server, 'POST', `/gateway/${id}/action/books`, { args: [] })).json.output
    const answered = mine.flatMap(writer => writer.answered)
    const missing = async () => {
      const entries = new Set((await books()).entries)
      return answered.filter(entry => !entries.has(entry))
    }
    // Alarms that came due while nobody was there ring as soon as somebody is.
    await until(`all that was answered is there (killed after ${moment} ms)`, async () => (await missing()).length === 0, 5_000,
      () => `of ${answered.length} answered`)
    const { entries, open, came } = await books()
    assert.equal(new Set(entries).size, entries.length, 'none is there twice')
    const sent = new Set(mine.flatMap(writer => [...writer.answered, ...writer.waiting.values()]))
    assert.deepEqual(entries.filter(entry => !sent.has(entry)), [], 'nothing is there that nobody wrote')
    for (const writer of mine) {
      const order = entries.filter(entry => entry.startsWith(`${writer.name}.`) && !entry.endsWith('late')).map(entry => Number(entry.split('.')[2]))
      assert.deepEqual(order, [...order].sort((a, b) => a - b), 'what one client wrote is in its order')
    }
    // The call that asks is a connection too, and there while it asks.
    assert.equal(open, 1, `of ${came} connections all others have ended`)
  }
}

test(`nothing that was answered is lost, in ${KILLS} kills (SEED=${SEED})`, async t => {
  const dice = diceOf(SEED)
  let last
  let answered = 0
  for (let number = 0; number < KILLS; number++) {
    last = await round(number, dice, last)
    answered += last.writers.reduce((sum, writer) => sum + writer.answered.length, 0)
  }
  const server = await start()
  await kept(server, last)
  await server.stop()
  t.diagnostic(`${answered} answered in ${KILLS} rounds`)
  assert.ok(answered > KILLS * 10, 'there was load')
})
