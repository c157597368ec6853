// A start that cannot go well does not go: the process ends with a code and with a sentence that
// says what is wrong and where.

import assert from 'node:assert/strict'
import { chmodSync, chownSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ROOT, binary, refusedStart, startDemo } from '../lib/demo.mjs'
import { HOST } from '../lib/host.mjs'

const folders = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder with the demo's configuration, changed by `edit`, and its public folder. */
function applicationFolder (edit = text => text) {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-'))
  folders.push(folder)
  writeFileSync(join(folder, 'playhouse.toml'), edit(readFileSync(join(ROOT, 'demo/playhouse.toml'), 'utf8')))
  // Without what servers write there while this looks.
  const filter = path => !path.endsWith('javascript')
  cpSync(join(ROOT, 'demo/public'), join(folder, 'public'), { recursive: true, filter })
  return folder
}

function lineOf (text, part) {
  return text.split('\n').findIndex(line => line.includes(part)) + 1
}

function saysNo ({ code, signal, said }, ...parts) {
  assert.equal(signal, null)
  assert.ok(code > 0, `ended with ${code}\n${said}`)
  assert.ok(!/panicked|stack backtrace/.test(said), `a sentence, no panic:\n${said}`)
  for (const part of parts) assert.match(said, part instanceof RegExp ? part : new RegExp(part))
}

test('a port in use', async () => {
  const demo = await startDemo()
  try {
    saysNo(await refusedStart({ env: { PORT: String(demo.port) } }), String(demo.port), /in use/i)
  } finally {
    await demo.stop()
  }
})

test('a port in use by something else', async () => {
  const server = net.createServer().listen(0, HOST)
  await new Promise(resolve => server.on('listening', resolve))
  const { port } = server.address()
  saysNo(await refusedStart({ env: { PORT: String(port) } }), String(port), /in use/i)
  server.close()
})

test('a port that is none', async () => {
  saysNo(await refusedStart({ env: { PORT: 'eighty' } }), 'PORT', 'eighty')
  saysNo(await refusedStart({ env: { PORT: '70000' } }), 'PORT', '70000')
})

test('an unknown key, with file, line and what was meant', async () => {
  let line
  const folder = applicationFolder(text => {
    const changed = `${text}\n[websocket.client]\nreconect = true\n`
    line = lineOf(changed, 'reconect')
    return changed
  })
  saysNo(await refusedStart({ cwd: folder }), 'playhouse\\.toml', `\\b${line}\\b`, 'reconect', 'reconnect')
})

test('a value out of range, with file, line and key', async () => {
  let line
  const folder = applicationFolder(text => {
    const changed = `${text}\n[drain]\nclosing = "never"\n`
    line = lineOf(changed, 'closing')
    return changed
  })
  saysNo(await refusedStart({ cwd: folder }), 'playhouse\\.toml', `\\b${line}\\b`, 'closing')
})

test('a file that is no TOML', async () => {
  const folder = applicationFolder(() => 'port = 8080\nhost = \n')
  saysNo(await refusedStart({ cwd: folder }), 'playhouse\\.toml', '\\b2\\b')
})

test('an unknown variable', async () => {
  saysNo(await refusedStart({ env: { PLAYHOUSE_WEBSOCKET__SERVER__ORIGIN: '*' } }),
    'PLAYHOUSE_WEBSOCKET__SERVER__ORIGIN', /origins/i)
})

test('a value of a variable that makes no sense', async () => {
  saysNo(await refusedStart({ env: { PLAYHOUSE_ACTIONS__SIMULTANEOUS: 'many' } }), 'PLAYHOUSE_ACTIONS__SIMULTANEOUS', 'many')
})

test('a parser that is not spoken', async () => {
  saysNo(await refusedStart({ env: { PLAYHOUSE_WEBSOCKET__SERVER__PARSER: 'ejson' } }), /ejson/i, /json/i)
})

test('a transformer that is not spoken', async () => {
  saysNo(await refusedStart({ env: { PLAYHOUSE_WEBSOCKET__SERVER__TRANSFORMER: 'browserchannel' } }), 'browserchannel', 'websockets')
})

test('a public folder that is missing', async () => {
  const folder = applicationFolder()
  rmSync(join(folder, 'public'), { recursive: true })
  saysNo(await refusedStart({ cwd: folder }), 'public')
})

test('a public folder that may not be read', async () => {
  const folder = applicationFolder()
  const program = join(folder, 'playhouse-demo')
  copyFileSync(binary(), program)
  chmodSync(program, 0o755)
  const options = { cwd: folder, command: program }
  if (process.getuid() === 0) {
    // The superuser may read everything, so the server runs as somebody else.
    Object.assign(options, { uid: 65_534, gid: 65_534 })
    chownSync(folder, 65_534, 65_534)
  }
  chmodSync(join(folder, 'public'), 0)
  try {
    saysNo(await refusedStart(options), 'public')
  } finally {
    chmodSync(join(folder, 'public'), 0o755)
  }
})
