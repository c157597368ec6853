// A copy of what actors keep, made while they are being changed: it is a folder to start from.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { binary, dataFolder, environment, ROOT, startDemo } from '../lib/demo.mjs'
import { sendJson } from '../lib/http.mjs'

const run = promisify(execFile)
const folder = dataFolder()
const demo = await startDemo({ PLAYHOUSE_DATA_DIR: folder })
after(() => demo.stop())

const call = async (server, action, ...args) => {
  const { json } = await sendJson(server, 'PUT', '/actors', { name: 'counter', key: 'kept' })
  return (await sendJson(server, 'POST', `/gateway/${json.actor.actor_id}/action/${action}`, { args })).json.output
}

test('a copy is made while the server runs, and a server starts on it', async () => {
  for (let n = 0; n < 10; n++) await call(demo, 'increment')
  const going = Promise.all(Array.from({ length: 200 }, () => call(demo, 'increment')))
  const copy = join(dataFolder(), 'copy.db')
  const { stdout } = await run(binary(), ['backup', copy], { cwd: ROOT, env: environment({ PLAYHOUSE_DATA_DIR: folder }) })
  assert.match(stdout, /copy\.db is a copy of what is in/)
  await going
  const other = dataFolder()
  mkdirSync(other, { recursive: true })
  renameSync(copy, join(other, 'playhouse.db'))
  const second = await startDemo({ PLAYHOUSE_DATA_DIR: other })
  const count = await call(second, 'getCount')
  assert.ok(count >= 10 && count <= 210, String(count))
  await second.stop()
  assert.equal(await call(demo, 'getCount'), 210)
})

test('the command that makes applications can do it too', async () => {
  const command = join(process.env.PLAYHOUSE_EXAMPLES ?? join(dirname(binary()), 'examples'), '..', 'playhouse')
  const copy = join(dataFolder(), 'copy.db')
  await run(command, ['backup', copy, '--data-dir', folder])
  const again = await run(command, ['backup', copy, '--data-dir', folder]).catch(error => error)
  assert.equal(again.code, 1)
  assert.match(again.stderr, /is there already/)
  const nothing = await run(command, ['backup', join(dataFolder(), 'x.db'), '--data-dir', dataFolder()]).catch(error => error)
  assert.match(nothing.stderr, /there is no database in/)
})

test('a second server on the same folder is told who has it', async () => {
  const second = await startDemo({ PLAYHOUSE_DATA_DIR: folder }).catch(error => error)
  assert.match(second.message, new RegExp(`in use by.*${demo.pid}`))
})

test('an action that needs no actor can be called beside the server', async () => {
  const { stdout } = await run(binary(), ['call', 'randomNumber'], { cwd: ROOT, env: environment({ PLAYHOUSE_DATA_DIR: folder }) })
  assert.ok(JSON.parse(stdout).randomNumber >= 0, stdout)
})
