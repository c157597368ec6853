// Where a client can live: in this process, in a process of its own that can be put to sleep, in a page of Chromium.
// Each place gives desks: an agent with one subject's scripts, at which any number of clients can be made.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './page.mjs'
import { servePages } from './pages.mjs'
import { Puppet } from './puppet.mjs'
import { realm } from './realm.mjs'
import { until } from './wait.mjs'

const PROCESS = fileURLToPath(new URL('./agent-process.mjs', import.meta.url))

class Desk {
  constructor () {
    this.clients = []
  }

  /** A client that is not connected yet. `rooms` are those it remembers. */
  async make (url, options = {}, rooms = []) {
    const patient = { reconnect: { min: 50, max: 400, retries: 100 }, ...options, url }
    const puppet = await Puppet.of(this, patient, rooms)
    this.clients.push(puppet)
    return puppet
  }

  /** A connected client. */
  async connect (url, options, rooms) {
    const puppet = await this.make(url, options, rooms)
    await puppet.connected()
    return puppet
  }

  async closeClients () {
    for (const puppet of this.clients.splice(0)) await puppet.close()
  }
}

class Here extends Desk {
  constructor (agent) {
    super()
    this.agent = agent
  }

  async call (method, ...args) {
    return structuredClone(await this.agent[method](...args))
  }

  close () { return this.closeClients() }
}

class Process extends Desk {
  constructor (child) {
    super()
    Object.assign(this, { child, asked: 0, waiting: new Map() })
    child.on('message', ({ n, value, error }) => {
      const { resolve, reject } = this.waiting.get(n)
      this.waiting.delete(n)
      if (error) reject(new Error(error))
      else resolve(value)
    })
    this.exit = once(child, 'exit')
    this.exit.then(([code]) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the client's process ended with ${code}`))
    })
  }

  call (method, ...args) {
    const n = ++this.asked
    return new Promise((resolve, reject) => {
      this.waiting.set(n, { resolve, reject })
      this.child.send({ n, method, args })
    })
  }

  /** It sleeps: no timer goes off and nothing is read until it wakes. */
  async sleep () {
    this.child.kill('SIGSTOP')
    const { pid } = this.child
    await until('the process stands still', () => readdirSync(`/proc/${pid}/task`).every(thread =>
      readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').pop()[0] === 'T'))
  }

  async wake () { this.child.kill('SIGCONT') }

  async close () {
    this.child.kill('SIGKILL')
    await this.exit
  }
}

/**
 * ActionHero's own file takes every answer over HTTP for JSON, also the empty one of a connection that was cut. That is
 * its own and known; ours must throw nothing at all.
 */
const OWN_FAULT = /^Unexpected end of JSON input$/

class Page extends Desk {
  constructor (page, subject) {
    super()
    this.page = page
    this.faults = []
    const isOurs = subject.name.startsWith('ours')
    page.on('pageerror', ({ message }) => { if (isOurs || !OWN_FAULT.test(message)) this.faults.push(message) })
  }

  call (method, ...args) {
    return this.page.evaluate(([method, args]) => window.agentHere[method](...args), [method, args])
  }

  /**
   * The tab sleeps. Frozen, it is told so and its timers stand still, but Chromium lets messages through while a
   * debugger looks on; so the debugger stops the first script that wants to run.
   */
  async sleep () {
    this.session ??= await this.page.context().newCDPSession(this.page)
    await this.session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await this.session.send('Debugger.enable')
    await this.session.send('Debugger.pause')
  }

  async wake () {
    await this.session.send('Debugger.disable')
    await this.session.send('Page.setWebLifecycleState', { state: 'active' })
  }

  async close () {
    await this.page.context().close()
    assert.deepEqual(this.faults, [], 'nothing was thrown in the page')
  }
}

let browser
let pages

async function openPage (subject) {
  browser ??= launchBrowser()
  pages ??= servePages()
  const context = await (await browser).newContext()
  const desk = new Page(await context.newPage(), subject)
  await desk.page.goto(`${(await pages).url}/${subject.name}`)
  await desk.page.waitForFunction(() => window.agentHere !== undefined)
  return desk
}

after(async () => {
  await (await browser)?.close()
  ;(await pages)?.close()
})

/** All places. `takes` says for which subjects it is a place. */
const PLACES = [
  { name: 'node', takes: () => true, open: async subject => new Here(await realm(subject)) },
  {
    name: 'window',
    about: 'node with a window that is empty',
    // The stock library takes whatever has a `window` for a browser.
    takes: ({ scripts, name }) => scripts && name !== 'stock',
    open: async subject => new Here(await realm(subject, { window: true }))
  },
  { name: 'chromium', takes: ({ module }) => module !== 'index.cjs', open: openPage }
]

/** The places that PLACES names, or all. */
export function chosenPlaces () {
  const names = process.env.PLACES?.split(',')
  return names ? PLACES.filter(({ name }) => names.includes(name)) : PLACES
}

/** A subject in a process of its own. */
export async function openProcess (subject) {
  const child = fork(PROCESS, [subject.name], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.add(child)
  return new Process(child)
}

const children = new Set()
process.on('exit', () => { for (const child of children) child.kill('SIGKILL') })
