// A stream of events over HTTP, message by message.

import http from 'node:http'
import { HOST } from '../host.mjs'
import { until, within } from '../wait.mjs'

/** One `text/event-stream` that is being read. */
export class Stream {
  static async open (server, path) {
    const sent = http.get({ host: server.ip ?? HOST, port: server.port, path, agent: false, headers: { accept: 'text/event-stream' } })
    const response = await within(5_000, 'the stream opens', new Promise((resolve, reject) => {
      sent.on('response', resolve).on('error', reject)
    }))
    if (response.statusCode !== 200) throw new Error(`no stream: ${response.statusCode}`)
    return new Stream(sent, response)
  }

  constructor (sent, response) {
    Object.assign(this, { sent, type: response.headers['content-type'], messages: [], ended: false })
    let rest = ''
    response.setEncoding('utf8').on('data', part => {
      const blocks = (rest + part).split('\n\n')
      rest = blocks.pop()
      for (const block of blocks) this.#take(block)
    })
    response.on('error', () => {}).on('close', () => { this.ended = true })
  }

  #take (block) {
    const lines = block.split('\n').filter(line => line.startsWith('data:'))
    if (lines.length) this.messages.push(lines.map(line => line.slice(5).trimStart()).join('\n'))
  }

  /** The data of the next message. */
  async next () {
    await until('a message comes', () => this.messages.length || this.ended)
    if (!this.messages.length) throw new Error('the stream ended')
    return this.messages.shift()
  }

  async dispose () {
    this.sent.destroy()
  }
}
