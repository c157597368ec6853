// For hours: stock clients of all three Primus versions chat, are cut off now and then, and come
// back. Nothing that is said while all are connected may be lost, doubled or out of order, and the
// server's memory must stay bounded.
//
//   PLAYHOUSE_DEMO=/path/to/playhouse-demo SOAK_MINUTES=120 npm run soak

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { PRIMUS, ask, closeClients, connect } from '../lib/client.mjs'
import { startDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { event, until } from '../lib/wait.mjs'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60)
const CLIENTS = Number(process.env.SOAK_CLIENTS ?? 30)
const GROWTH_MIB = 32
const room = 'defaultRoom'

const demo = await startDemo()
const end = Date.now() + MINUTES * 60_000

function rssMiB () {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${demo.pid}/status`, 'utf8'))[1]) / 1_024
}

/** One talker with a cable of its own, which can be cut. */
async function talker (n) {
  const proxy = await Proxy.before(demo)
  const client = await connect(proxy.url, { primus: PRIMUS[n % PRIMUS.length] })
  const it = { n, proxy, client, heard: [] }
  client.on('say', ({ message, from }) => it.heard.push({ message, from }))
  await ask(client, 'roomAdd', room)
  return it
}

/** Cuts a talker's cable; resolves when it is back in the room under its new id. */
async function cut (it) {
  const before = it.client.id
  const open = event(it.client.client, 'open', undefined, 30_000)
  it.proxy.cut()
  await open
  it.client.rooms = []
  await ask(it.client, 'roomAdd', room)
  assert.notEqual(it.client.id, before)
}

/** Everybody says some things at once; everybody must hear all of them, each speaker's in order. */
async function round (talkers, number) {
  for (const it of talkers) it.heard.length = 0
  const each = 5
  await Promise.all(talkers.map(it => Promise.all(Array.from({ length: each }, async (_, k) => {
    const reply = await ask(it.client, 'say', room, `${number}:${it.n}:${k}`)
    assert.equal(reply.status, 'OK')
  }))))
  await until(`round ${number} is heard by all`, () =>
    talkers.every(it => it.heard.length >= each * talkers.length), 20_000)
  for (const it of talkers) check(it, talkers, number, each)
}

function check (it, talkers, number, each) {
  assert.equal(it.heard.length, each * talkers.length, 'nothing is doubled')
  for (const other of talkers) {
    const own = it.heard.filter(({ message }) => message.split(':')[1] === String(other.n))
    assert.deepEqual(own.map(({ message }) => message), Array.from({ length: each }, (_, k) => `${number}:${other.n}:${k}`))
    assert.ok(own.every(({ from }) => from === other.client.id))
  }
}

async function actions (it) {
  const { randomNumber } = await ask(it.client, 'action', 'randomNumber')
  assert.equal(typeof randomNumber, 'number')
  assert.equal((await ask(it.client, 'file', 'demo/hello.txt')).length, 20)
}

const talkers = []
for (let n = 0; n < CLIENTS; n++) talkers.push(await talker(n))

let rounds = 0
let cuts = 0
let base = 0
let reported = 0
while (Date.now() < end) {
  rounds += 1
  await round(talkers, rounds)
  await actions(talkers[rounds % talkers.length])
  if (rounds % 7 === 0) {
    await cut(talkers[(rounds / 7) % talkers.length])
    cuts += 1
    const { data } = await ask(talkers[0].client, 'roomView', room)
    await until('the old connections have left', async () =>
      (await ask(talkers[0].client, 'roomView', room)).data.membersCount === CLIENTS, 10_000)
    assert.ok(data.membersCount <= CLIENTS + 1)
  }
  // The first rounds fill buffers and caches; what counts is what is added later.
  if (rounds === 200) base = rssMiB()
  if (base) assert.ok(rssMiB() - base < GROWTH_MIB, `grown from ${base.toFixed(0)} to ${rssMiB().toFixed(0)} MiB`)
  if (Date.now() - reported > 60_000) {
    reported = Date.now()
    console.log(`${new Date().toISOString()} rounds ${rounds}, cuts ${cuts}, ${rssMiB().toFixed(1)} MiB`)
  }
}

for (const { proxy } of talkers) proxy.close()
closeClients()
assert.deepEqual(await demo.stop(), { code: 0, signal: null })
console.log(`done: ${rounds} rounds of ${CLIENTS} clients, ${cuts} cuts, nothing lost`)
process.exit(0)
