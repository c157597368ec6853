// nginx and haproxy, as Debian has them, in front of a demo: each a process of its own, with nobody's rights, on a port
// that the system chose, in a folder that is gone with it. They are told what docs/proxies.md tells people, except for
// what a test changes.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { ROOT } from './demo.mjs'
import { HOST } from './host.mjs'
import { until, within } from './wait.mjs'

const LOG_LIMIT = 100_000
const NOBODY = 65_534
const AS_NOBODY = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
const running = new Set()

/**
 * The first block of that language in the document. With `part`, the block that has this text stands in it for the
 * paragraph that begins like it.
 */
function documented (language, part) {
  const text = readFileSync(join(ROOT, 'docs/proxies.md'), 'utf8')
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block.trimEnd())
  if (!part) return blocks[0]
  const wanted = blocks.find(block => block.includes(part))
  assert.ok(wanted, `docs/proxies.md has a block of ${language} with ${part}`)
  const [beginning] = wanted.split('\n')
  return blocks[0].split('\n\n').map(paragraph => paragraph.startsWith(beginning) ? wanted : paragraph).join('\n\n')
}

/** The text with every pair of `edits` carried out. What is to be replaced must be there. */
function edited (text, edits) {
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `the configuration has ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

async function freePort () {
  const server = net.createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

function listens (port) {
  return new Promise(resolve => {
    const socket = net.connect(port, HOST)
    socket.on('connect', () => { socket.destroy(); resolve(true) })
    socket.on('error', () => resolve(false))
  })
}

/** One proxy, which may die and come back on its port. Its `url` is that of the demo for clients. */
class Front {
  /**
   * In front of one demo, or of two; `edits` are pairs of what the document has and what is to stand there, `part` names
   * a block of it for two.
   */
  static async before (demos, edits = [], part) {
    const front = new this([demos].flat(), edits, part)
    for (let tries = 3; ; tries--) {
      front.port = await freePort()
      try {
        return await front.begin()
      } catch (error) {
        await front.kill()
        if (tries === 1) throw error
      }
    }
  }

  constructor (demos, edits, part) {
    Object.assign(this, { demos, edits, part, log: '', ip: HOST, children: new Set() })
    this.folder = mkdtempSync(join(tmpdir(), 'playhouse-proxy-'))
    if (AS_NOBODY.uid) chownSync(this.folder, NOBODY, NOBODY)
    running.add(this)
  }

  get host () { return `${HOST}:${this.port}` }
  get url () { return `http://${this.host}` }

  /** Writes its configuration anew; returns the file. */
  write () {
    const { language, around, listen, server } = this.constructor
    const hosts = this.demos.map(demo => demo.host)
    const servers = this.part
      ? hosts.map((host, n) => [`10.0.0.${n + 1}:8080`, host])
      : [[server('127.0.0.1:8080', 0), hosts.map(server).join('\n  ')]]
    const block = edited(documented(language, this.part), [listen(this.host), ...servers, ...this.edits])
    const template = readFileSync(new URL(`proxies/${around}`, import.meta.url), 'utf8')
    const path = join(this.folder, around)
    writeFileSync(path, edited(template, [['@documented@', block]]).replaceAll('@folder@', this.folder))
    return path
  }

  spawn (args) {
    const child = spawn(this.constructor.program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...AS_NOBODY })
    for (const out of [child.stdout, child.stderr]) {
      out.setEncoding('utf8').on('data', text => { this.log = (this.log + text).slice(-LOG_LIMIT) })
    }
    child.gone = new Promise(resolve => child.on('close', resolve).on('error', error => {
      this.log += error.message
      resolve()
    })).then(() => { this.children.delete(child) })
    this.children.add(child)
    return child
  }

  /** Starts the process on its port. */
  async begin () {
    const child = this.spawn(this.args(this.write()))
    this.child = child
    await until(`${this.constructor.program} listens`, () => {
      assert.ok(this.children.has(child), `${this.constructor.program} ended at its start:\n${this.log}`)
      return listens(this.port)
    }, 10_000, () => this.log)
    return this
  }

  /** Ends it at once, as a crash would, with every connection that it had. */
  async kill () {
    for (const child of [...this.children]) {
      this.killed(child)
      child.kill('SIGKILL')
      await within(5_000, `${this.constructor.program} ends`, child.gone)
    }
  }

  killed () {}

  async stop () {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
    running.delete(this)
  }
}

/** Every process below that one. */
function below (pid) {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    return pids.flatMap(child => [child, ...below(child)])
  } catch {
    return []
  }
}

function end (pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

export class Nginx extends Front {
  static program = 'nginx'
  static language = 'nginx'
  static around = 'nginx.conf'
  static listen = host => ['listen 80;', `listen ${host};`]
  static server = host => `server ${host};`

  args (file) {
    return ['-p', this.folder, '-c', file, '-g', 'daemon off;']
  }

  /** Its workers outlive a master that is killed. */
  killed (child) {
    const workers = below(child.pid)
    child.kill('SIGSTOP')
    workers.forEach(end)
  }

  /** Takes its configuration anew. Resolves when new workers are there. */
  async reload () {
    const old = below(this.child.pid)
    this.write()
    this.child.kill('SIGHUP')
    await until('nginx has new workers', () => below(this.child.pid).some(pid => !old.includes(pid)), 5_000, () => this.log)
  }
}

export class Haproxy extends Front {
  static program = 'haproxy'
  static language = 'haproxy'
  static around = 'haproxy.cfg'
  static listen = host => ['bind :80', `bind ${host}`]
  static server = (host, n) => `server node${n + 1} ${host}`

  args (file) {
    return ['-f', file, '-db']
  }

  /** A process with the configuration as it is now takes over the port, and the old one accepts nobody any more. */
  async reload () {
    const old = this.child
    this.log = ''
    this.child = this.spawn([...this.args(this.write()), '-x', join(this.folder, 'socket'), '-sf', String(old.pid)])
    await until('the old haproxy takes leave', () => /Proxy web stopped/.test(this.log), 5_000, () => this.log)
  }
}

/** Both, by the names that people know. */
export const KINDS = [Nginx, Haproxy]

/** One of each kind in front of the demo of this file; ready when its tests are. */
export function useFronts (demo, edits = {}) {
  const fronts = new Map()
  before(async () => {
    await demo.ready
    for (const kind of KINDS) fronts.set(kind, await kind.before(demo, edits[kind.program]))
  })
  after(() => Promise.all([...fronts.values()].map(front => front.stop())))
  return kind => fronts.get(kind)
}

// Nothing outlives the file, and a failing file shows what its proxies had to say.
process.on('exit', code => {
  for (const front of running) {
    for (const child of front.children) {
      front.killed(child)
      child.kill('SIGKILL')
    }
    rmSync(front.folder, { recursive: true, force: true })
    if (code !== 0) process.stderr.write(`\n--- log of ${front.constructor.program} ---\n${front.log.slice(-4_000)}\n`)
  }
})
