// Starts the demo, as a person would: the binary, from the repository's root, told by environment
// variables what to do differently. Every test file has a server of its own on a port that the
// system chose; the server is gone when the file ends, however it ends.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { closeClients } from './client.mjs'
import { HOST } from './host.mjs'
import { closeSockets } from './raw.mjs'
import { until, within } from './wait.mjs'

/** The repository's root, where the binary expects to be started. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const LISTENING = /http:\/\/(127[\d.]+):(\d+)/
const LOG_LIMIT = 200_000
const running = new Set()
const started = new Set()

/** The binary under test. */
export function binary () {
  const path = process.env.PLAYHOUSE_DEMO
  assert.ok(path, 'set PLAYHOUSE_DEMO to the absolute path of the playhouse-demo binary')
  return path
}

/** One demo process: where it listens, what it wrote, how it ended. */
export class Demo {
  constructor (child) {
    this.child = child
    this.log = ''
    this.out = ''
    this.ended = null
    child.stdout.setEncoding('utf8').on('data', text => { this.out = (this.out + text).slice(-LOG_LIMIT) })
    child.stderr.setEncoding('utf8').on('data', text => { this.log = (this.log + text).slice(-LOG_LIMIT) })
    // `close` comes after the last byte of both streams, `exit` may come before it.
    this.exit = once(child, 'close').then(([code, signal]) => {
      running.delete(this)
      this.ended = { code, signal }
      return this.ended
    })
  }

  get pid () { return this.child.pid }
  get host () { return `${this.ip}:${this.port}` }
  get url () { return `http://${this.host}` }

  /** Resolves when the process says where it listens; fails when it ends first. */
  async listening () {
    const said = new Promise(resolve => {
      const look = () => {
        const found = LISTENING.exec(this.out)
        if (found) resolve(found)
      }
      this.child.stdout.on('data', look)
      look()
    })
    const died = this.exit.then(({ code, signal }) => {
      throw new Error(`the demo ended before it listened (code ${code}, signal ${signal})\n${this.out}\n${this.log}`)
    })
    const [, ip, port] = await within(20_000, 'the demo says where it listens', Promise.race([said, died]))
    Object.assign(this, { ip, port: Number(port) })
    return this
  }

  /** Ends it politely and returns how it ended. */
  async stop (ms = 15_000) {
    if (this.ended) return this.ended
    this.child.kill('SIGTERM')
    return within(ms, 'the demo ends after SIGTERM', this.exit)
  }

  /** Lets it stand still, as a machine does that sleeps. The signal is on its way at first: this waits for it. */
  async freeze () {
    this.child.kill('SIGSTOP')
    await until('all threads stand still', () =>
      readdirSync(`/proc/${this.pid}/task`).every(thread => stateOf(this.pid, thread) === 'T'))
  }

  /** Lets it go on. */
  thaw () {
    this.child.kill('SIGCONT')
  }

  /** Ends it at once, as a crash would. */
  async kill () {
    if (this.ended) return this.ended
    this.child.kill('SIGKILL')
    return within(5_000, 'the demo ends after SIGKILL', this.exit)
  }
}

/** A thread's state as the kernel names it; one that has just ended moves no more either. */
function stateOf (pid, thread) {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').pop()[0]
  } catch {
    return 'T'
  }
}

const folders = []
process.on('exit', () => folders.forEach(path => rmSync(path, { recursive: true, force: true })))

/** A place for what a server keeps; gone with this process. */
export function dataFolder () {
  const path = mkdtempSync(join(tmpdir(), 'playhouse-data-'))
  // Some tests start a server as another user.
  chmodSync(path, 0o777)
  folders.push(path)
  return path
}

/** Environment for a demo: nothing of the caller's own settings, this file's address, a port of the system's choice. */
export function environment (overrides = {}) {
  const env = {}
  for (const [key, value] of Object.entries(process.env)) {
    if (!key.startsWith('PLAYHOUSE_') && !key.startsWith('NODE_')) env[key] = value
  }
  return { ...env, PLAYHOUSE_HOST: HOST, PORT: '0', PLAYHOUSE_DATA_DIR: dataFolder(), ...overrides }
}

/** Starts a process without waiting for it to listen. */
export function launch ({ env = {}, cwd = ROOT, command = binary(), args = [], ...options } = {}) {
  const child = spawn(command, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const demo = new Demo(child)
  running.add(demo)
  started.add(demo)
  return demo
}

/** Starts a demo and waits until it listens. */
export function startDemo (env) {
  return launch({ env }).listening()
}

/** An example, which was built beside the demo. */
export function example (name) {
  return join(process.env.PLAYHOUSE_EXAMPLES ?? join(dirname(binary()), 'examples'), name)
}

/** Starts the example that speaks by itself. */
export function announcer (env = {}) {
  return launch({ command: example('announcer'), env: { PLAYHOUSE_FILES__FOLDER: 'demo/public', ...env } }).listening()
}

/** Starts the example that is a part of an axum site. */
export function mounted () {
  return launch({ command: example('mounted'), env: { PLAYHOUSE_FILES__FOLDER: 'demo/public' } }).listening()
}

/** Runs a demo that is expected to refuse to start; returns its code and all that it wrote. */
export async function refusedStart (options, ms = 10_000) {
  const demo = launch(options)
  try {
    const { code, signal } = await within(ms, 'the demo refuses to start', demo.exit)
    return { code, signal, said: demo.out + demo.log }
  } finally {
    await demo.kill()
  }
}

/**
 * A server for the tests of this file. It must still be there when they are done: nothing that a
 * client sends ends it.
 */
export function useDemo (env = {}) {
  const handle = {}
  // Hooks of one file may run side by side; those that need the server wait for this.
  handle.ready = startDemo(env).then(demo => { Object.setPrototypeOf(handle, demo) })
  handle.ready.catch(() => {})
  before(() => handle.ready)
  after(async () => {
    closeClients()
    closeSockets()
    if (!handle.pid) return
    assert.equal(handle.ended, null, 'the server is still running after all tests of this file')
    const { code, signal } = await handle.stop()
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, 'the server ends well when told to')
  })
  return handle
}

// Nothing outlives the file, and a failing file shows what its servers had to say.
process.on('exit', code => {
  for (const demo of running) demo.child.kill('SIGKILL')
  if (code === 0) return
  for (const demo of started) {
    process.stderr.write(`\n--- log of the demo with pid ${demo.pid} ---\n${demo.log.slice(-8_000)}\n`)
  }
})
