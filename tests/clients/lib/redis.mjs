// Redis servers of the tests' own: each is Debian's `redis-server` on a port that the system chose, in a
// folder of its own, and keeps nothing on disk. Nobody else's server is ever spoken to.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { certificates } from './certificates.mjs'
import { HOST } from './host.mjs'
import { Resp } from './resp.mjs'
import { until, within } from './wait.mjs'

const LOG_LIMIT = 200_000
const running = new Set()

/** A port that nobody listens on. Somebody else may take it before we do: who starts there tries again. */
async function freePort () {
  const server = net.createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

/** One Redis server, which may die and come back on its port. */
export class Redis {
  /** Starts one. With `tls` it speaks nothing else, and `redis.ca` is the file that vouches for it. */
  static async start (options = {}) {
    const redis = new Redis(options)
    for (let tries = 3; ; tries--) {
      redis.port = await freePort()
      try {
        return await redis.begin()
      } catch (error) {
        await redis.kill()
        if (tries === 1) throw error
      }
    }
  }

  constructor ({ password, tls = false, args = [] }) {
    this.password = password
    this.folder = mkdtempSync(join(tmpdir(), 'playhouse-redis-'))
    this.tls = tls ? certificates(this.folder) : null
    this.args = args
    this.log = ''
    running.add(this)
  }

  get ca () { return this.tls.ca }

  /** Where an application finds it; `port` is that of a proxy before it, if there is one. */
  url ({ port = this.port, password = this.password } = {}) {
    return `${this.tls ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}${HOST}:${port}`
  }

  /** Starts the process on its port; what it held before is gone. */
  async begin () {
    const args = ['--bind', HOST, '--save', '', '--appendonly', 'no', '--dir', this.folder, ...this.args]
    if (this.password) args.push('--requirepass', this.password)
    if (this.tls) {
      const { ca, cert, key } = this.tls
      args.push('--port', '0', '--tls-port', String(this.port), '--tls-auth-clients', 'no')
      args.push('--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key)
    } else {
      args.push('--port', String(this.port))
    }
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const out of [child.stdout, child.stderr]) {
      out.setEncoding('utf8').on('data', text => { this.log = (this.log + text).slice(-LOG_LIMIT) })
    }
    this.child = child
    this.ended = once(child, 'close')
    const died = this.ended.then(() => { throw new Error(`redis-server ended at its start:\n${this.log}`) })
    await within(10_000, 'redis-server answers', Promise.race([this.answers(), died]))
    died.catch(() => {})
    return this
  }

  async answers () {
    for (;;) {
      try {
        this.client = await Resp.open(this)
        return await this.client.ask('PING')
      } catch (error) {
        if (error.code !== 'ECONNREFUSED') throw error
        await pause(10)
      }
    }
  }

  /** Asks it anything; an error of its own is thrown. */
  ask (...words) {
    return this.client.ask(...words)
  }

  /** Sets an option, as an operator would. */
  set (name, value) {
    return this.ask('CONFIG', 'SET', name, String(value))
  }

  /** Ends every connection but our own, as a failover does. */
  async cutClients () {
    for (const kind of ['normal', 'pubsub']) await this.ask('CLIENT', 'KILL', 'TYPE', kind, 'SKIPME', 'yes')
  }

  /** How many others are connected. */
  async guests () {
    const list = await this.ask('CLIENT', 'LIST')
    return list.trim().split('\n').length - 1
  }

  /** How often each command was called since the last `CONFIG RESETSTAT`, by its name in lower case. */
  async calls () {
    const counts = {}
    const text = await this.ask('INFO', 'commandstats')
    for (const [, name, n] of text.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) counts[name] = Number(n)
    return counts
  }

  /** Ends it at once, as a crash would. */
  async kill () {
    this.client?.close()
    this.child?.kill('SIGKILL')
    if (this.child) await within(5_000, 'redis-server ends', this.ended)
  }

  /** Lets it die and come back on the same port, empty, after so many milliseconds. */
  async restart (away = 0) {
    await this.kill()
    await pause(away)
    await this.begin()
  }

  /** Ends it for good and clears away what it left. */
  async stop () {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
    running.delete(this)
  }
}

/** Resolves when nobody but we is connected to it. */
export function deserted (redis) {
  return until('nobody is connected to Redis', async () => await redis.guests() === 0)
}

// Nothing outlives the file.
process.on('exit', () => {
  for (const redis of running) {
    redis.child?.kill('SIGKILL')
    rmSync(redis.folder, { recursive: true, force: true })
  }
})
