// The demo, on a port that the system chooses, and a proxy before it that cuts. Without a binary the tests that
// need it fail: what was left out would look like what has passed.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts it; `url` is where it listens. */
export async function startDemo () {
  assert.ok(process.env.PLAYHOUSE_DEMO, 'set PLAYHOUSE_DEMO to the absolute path of the playhouse-demo binary')
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PLAYHOUSE|NODE)_/.test(name)))
  // What one server keeps no other may write to.
  const data = mkdtempSync(join(tmpdir(), 'playhouse-client-'))
  Object.assign(env, { PORT: '0', PLAYHOUSE_DATA_DIR: data })
  const child = spawn(process.env.PLAYHOUSE_DEMO, [], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
  process.on('exit', () => {
    child.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  })
  let out = ''
  for await (const part of child.stdout) {
    out += part
    const found = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(out)
    if (found) return { url: `http://127.0.0.1:${found[1]}`, port: Number(found[1]), stop: () => stop(child) }
  }
  throw new Error(`the demo ended before it listened\n${out}`)
}

async function stop (child) {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** A proxy whose connections can be cut. */
export async function startProxy (port) {
  const pairs = new Set()
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const [a, b] of [[near, far], [far, near]]) {
      a.on('error', () => {}).on('close', () => b.destroy())
      a.pipe(b)
    }
    pairs.add(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => { for (const socket of pairs) socket.destroy() }
  return { url: `http://127.0.0.1:${server.address().port}`, cut, stop: () => { server.close(); cut() } }
}
