// The book's pages on actors, word for word: the example that they are about is started, and their programs and requests
// give what the pages say.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pairsOf, printed, requestsOf } from '../lib/book.mjs'
import { dataFolder, example, launch } from '../lib/demo.mjs'
import { get, request, sendJson } from '../lib/http.mjs'
import { until } from '../lib/wait.mjs'

const PAGE = 'actors.md'
const folder = dataFolder()
const start = () => launch({ command: example('counter'), env: { PLAYHOUSE_DATA_DIR: folder } }).listening()

let server
before(async () => { server = await start() })
after(() => server.stop())

/** The answer to one of the page's requests. The ids on the page are those of another day. */
async function answerTo ({ method = 'GET', path, headers, body }, ids) {
  for (const [old, id] of ids) path = path.replace(old, id)
  return (await request(server, method, path, { headers, body })).json
}

test('what is asked by hand', async () => {
  const ids = new Map()
  const pairs = pairsOf(PAGE, 'sh', 'json')
  assert.ok(pairs.length >= 3, 'the page has requests')
  for (const { text, gives } of pairs) {
    const said = gives.trim().split('\n').map(line => JSON.parse(line))
    for (const [nth, asked] of requestsOf(text).entries()) {
      const answer = await answerTo(asked, ids)
      if (!said[nth].actor) {
        assert.deepEqual(answer, said[nth], text)
        continue
      }
      ids.set(said[nth].actor.actor_id, answer.actor.actor_id)
      const { actor_id: id, name, key } = answer.actor
      assert.match(id, /^[\da-f]{24}$/)
      assert.deepEqual({ name, key, created: answer.created }, { name: 'counter', key: 'a', created: true })
    }
  }
})

const programs = pairsOf(PAGE, 'js', 'text')
const CLIENTS = ['rivetkit-2.2', 'rivetkit-2.0', 'rivetkit-2.3']

test('the page has programs', () => assert.equal(programs.length, 2))

for (const [nth, { text, gives }] of programs.entries()) {
  // The counters and books of the page are new ones for each client.
  for (const client of CLIENTS) {
    test(`program ${nth + 1} prints what the page says, with ${client}`, async () => {
      const own = text.replace(/getOrCreate\('(\w+)'/, (_, key) => `getOrCreate('${key} ${client}'`)
      assert.equal(await printed(server, own, client), gives)
    })
  }
}

test('an action counts visits', async () => {
  assert.equal((await get(server, '/api/visit?page=home')).json.data, 1)
  assert.equal((await get(server, '/api/visit?page=home')).json.data, 2)
})

const call = async (key, action, ...args) => {
  const path = `/gateway/counter/action/${action}?rvt-method=getOrCreate&rvt-key=${key}`
  return (await sendJson(server, 'POST', path, { args })).json
}

test('an alarm comes in its time, and clients can not make it come', async () => {
  assert.deepEqual(await call('later', 'increment', 3), { output: 3 })
  assert.deepEqual(await call('later', 'resetAfter', 100), { output: null })
  await until('it was reset', async () => (await call('later', 'getCount')).output === 0)
  const { group, code } = await call('later', 'reset')
  assert.deepEqual({ group, code }, { group: 'action', code: 'not_found' })
})

test('the count outlives the server, however it ends', async () => {
  for (const [how, count] of [['kill', 1], ['stop', 2]]) {
    assert.deepEqual(await call('kept', 'increment'), { output: count })
    await server[how]()
    server = await start()
    assert.deepEqual(await call('kept', 'getCount'), { output: count })
  }
})

test('a second process is told who has the folder', async () => {
  const second = launch({ command: example('counter'), env: { PLAYHOUSE_DATA_DIR: folder } })
  const { code } = await second.exit
  assert.equal(code, 1)
  assert.match(second.log, new RegExp(`in use by process ${server.pid} since .*Stop that one first`))
})
