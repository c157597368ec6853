// The first hour of somebody who makes an application: `playhouse new`, its own tests, its page and actions, and
// `playhouse dev`, with the real cargo.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const playhouse = process.env.COMMAND_UNDER_TEST ?? join(root, 'target/debug/playhouse')
const NAME = 'first-hour'
const MINUTES = 60_000

// What is built for the workspace serves the application too, and nothing has to come from a network.
const env = {
  ...process.env,
  CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR ?? join(root, 'target'),
  CARGO_NET_OFFLINE: 'true'
}

let home
let folder

before(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'playhouse-first-hour-')))
  folder = join(home, NAME)
})

after(() => rm(home, { recursive: true, force: true }))

/** Runs cargo in the application's folder. */
function cargo (...args) {
  return run('cargo', args, { cwd: folder, env, maxBuffer: 64 << 20 })
}

test('an application is made', async () => {
  const { stdout } = await run(playhouse, ['new', NAME], { cwd: home })
  assert.match(stdout, /cd first-hour\n {2}cargo test\n {2}playhouse dev\n$/)
  await copyFile(join(root, 'Cargo.lock'), join(folder, 'Cargo.lock'))
})

test('its own tests pass at once, without a warning', { timeout: 10 * MINUTES }, async () => {
  const { stdout, stderr } = await cargo('test')
  const passed = [...stdout.matchAll(/test result: ok\. (\d+) passed; 0 failed/g)].map(found => Number(found[1]))
  assert.ok(passed.reduce((sum, count) => sum + count, 0) >= 4, stdout)
  assert.doesNotMatch(stderr, /^warning/m)
  await cargo('fmt', '--check')
})

test('its command line knows its actions', { timeout: 5 * MINUTES }, async () => {
  const { stdout } = await cargo('run', '--quiet', '--', 'call', 'greet', '--name', 'Ann', '--times', '2')
  assert.equal(JSON.parse(stdout).text, 'Hello Ann! Hello Ann!')
  const help = await cargo('run', '--quiet', '--', 'call', 'greet', '--help')
  assert.match(help.stdout, /--name <text> +Who is greeted\. \[required\] \[length 1 to 40\]/)
})

test('playhouse dev serves it, and serves it anew after a change', { timeout: 5 * MINUTES }, async t => {
  const dev = spawn(playhouse, ['dev', '--', '--port', '0'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise(resolve => dev.once('exit', resolve))
  t.after(async () => {
    dev.kill('SIGTERM')
    assert.equal(await gone, 0)
  })
  const lines = createInterface({ input: dev.stdout })[Symbol.asyncIterator]()
  const served = async () => {
    for (;;) {
      const { value, done } = await lines.next()
      assert.ok(!done, 'it ended before it served')
      const address = /listens on (http:\S+)/.exec(value)?.[1]
      if (address) return address
    }
  }
  const greeting = async address => (await (await fetch(`${address}/api/greet?name=Ann`)).json()).text

  const first = await served()
  const page = await (await fetch(first)).text()
  assert.match(page, /<title>first-hour<\/title>/)
  assert.equal(await greeting(first), 'Hello Ann!')
  assert.equal((await fetch(`${first}/api/greet`)).status, 422)

  // What the page loads, and what an editor and a person are shown of the actions.
  const script = /<script src="([^"]+)"/.exec(page)[1]
  assert.match(await (await fetch(new URL(script, first))).text(), /ActionheroWebsocketClient/)
  assert.match(await readFile(join(folder, 'public', script.replace(/\.js$/, '.d.ts')), 'utf8'), /greetedAt/)
  assert.match(await (await fetch(`${first}/explorer/openapi.json`)).text(), /greetedAt/)

  const actions = join(folder, 'src/actions.rs')
  await writeFile(actions, (await readFile(actions, 'utf8')).replace('Hello {name}!', 'Welcome {name}!'))
  assert.equal(await greeting(await served()), 'Welcome Ann!')
})
