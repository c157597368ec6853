// Plain HTTP and plain websockets to an actor: nothing is added, nothing taken away.

import assert from 'node:assert/strict'
import { withEach } from '../lib/actors/each.mjs'
import { until, within } from '../lib/wait.mjs'

withEach(use => {
  use.test('GET and what it answers', async () => {
    const counter = use.counter()
    await counter.call('increment', 3)
    const answer = await counter.fetch('/count')
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type'), /application\/json/)
    assert.deepEqual(await answer.json(), { count: 3 })
  })

  use.test('any method, with its body, query and headers', async () => {
    const counter = use.counter()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await counter.fetch(`/echo?q=${method}%20%C3%A9&x=1`, { method, body: `body of ${method} ☃`, headers: { 'x-own': '1' } })
      assert.equal(answer.status, 201)
      assert.equal(Buffer.from(answer.headers.get('x-demo'), 'latin1').toString().slice(0, method.length), method)
      assert.equal(await answer.text(), `body of ${method} ☃`)
    }
    const bare = await counter.fetch('/echo')
    assert.equal(bare.status, 201)
    assert.equal(bare.headers.get('x-demo'), '')
    assert.equal(await bare.text(), '')
  })

  use.test('a body of 1 MiB', async () => {
    const body = 'x'.repeat(1 << 20)
    assert.equal(await (await use.counter().fetch('/echo', { method: 'POST', body })).text(), body)
  })

  use.test('a path that the actor does not know', async () => {
    const counter = use.counter()
    for (const path of ['/', '/nowhere', '/count/more']) assert.equal((await counter.fetch(path)).status, 404, path)
    assert.equal((await counter.fetch('/count', { method: 'POST' })).status, 404)
  })

  use.test('a path may be written without its slash', async () => {
    assert.equal((await use.counter().fetch('count')).status, 200)
  })

  use.test('an actor without such a handler says so', async () => {
    const answer = await use.room('alice').fetch('/count')
    assert.equal(answer.status, 404)
    const { group, code } = await answer.json()
    assert.equal(`${group}/${code}`, 'handler/request_not_defined')
  })

  use.test('a websocket: texts are echoed as texts, bytes as bytes', async () => {
    const socket = await opened(await use.counter().webSocket('/'))
    socket.send('hello ☃')
    socket.send('')
    socket.send(new Uint8Array([0, 255, 1]))
    await until('all have come back', () => socket.heard.length === 3)
    assert.deepEqual(socket.heard, ['echo:hello ☃', 'echo:', '00ff01'])
    await closed(socket, 1000, 'bye')
  })

  use.test('a websocket with a path, a query and a large frame', async () => {
    const socket = await opened(await use.counter().webSocket('a/b?z=1'))
    const text = 'x'.repeat(1 << 20)
    socket.send(text)
    await until('it has come back', () => socket.heard.length)
    assert.equal(socket.heard[0], `echo:${text}`)
    await closed(socket, 4000, 'own code')
  })

  use.test('frames come back in order', async () => {
    const socket = await opened(await use.counter().webSocket('/'))
    for (let i = 0; i < 200; i++) socket.send(String(i))
    await until('all have come back', () => socket.heard.length === 200)
    assert.deepEqual(socket.heard, Array.from({ length: 200 }, (_, i) => `echo:${i}`))
    await closed(socket, 1000, '')
  })

  /** Opens it and keeps what comes. */
  async function opened (socket) {
    const heard = []
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', ({ data }) => {
      heard.push(typeof data === 'string' ? data : Buffer.from(data).toString('hex'))
    })
    if (socket.readyState !== 1) {
      await within(5_000, 'it opens', new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve)
        socket.addEventListener('close', ({ code, reason }) => reject(new Error(`closed ${code} ${reason}`)))
      }))
    }
    use.keep({ dispose: async () => socket.close() })
    return Object.assign(socket, { heard })
  }

  /** Closes it; the server says the same. */
  async function closed (socket, code, reason) {
    const end = new Promise(resolve => socket.addEventListener('close', resolve))
    socket.close(code, reason)
    assert.equal((await within(5_000, 'it closes', end)).code, code)
  }
}, { takes: ({ family }) => family === 'rivetkit' })
