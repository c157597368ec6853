// What is written while there is no connection waits, in order, up to `queueSize`. Then the oldest goes, and who is
// promised to be told is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everywhere } from '../lib/both.mjs'
import { useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()

everywhere(use => {
  /** A client that is down and knows it; nobody lets it in until `accept`. */
  async function whileDown (options, body) {
    const proxy = await Proxy.before(demo)
    try {
      const a = await use().connect(proxy.url, options)
      await proxy.refuse()
      await a.event('disconnected')
      await body(a, proxy)
    } finally {
      await use().closeClients()
      proxy.close()
    }
  }

  const texts = Array.from({ length: 8 }, (_, n) => `${use.place} ${use.subject.name} waits ${n}`)
  const heard = async a => (await a.log()).filter(({ event, value }) => event === 'say' && texts.includes(value.message))
    .map(({ value }) => value.message)

  test('without a limit everything waits, and goes in order', () => whileDown({}, async (a, proxy) => {
    await a.batch([['send', { event: 'roomAdd', room: 'otherRoom' }], ...texts.map(text => ['say', 'otherRoom', text])])
    await proxy.accept()
    await until('all is heard', async () => (await heard(a)).length === texts.length, 15_000)
    assert.deepEqual(await heard(a), texts)
    // Version 18 counts its frames anew when it comes back, and takes the answers for those of others.
    if (use.subject.version) return
    await until('all is answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
    assert.deepEqual((await a.calls()).map(({ replies: [{ status }] }) => status), Array(9).fill('OK'))
  }))

  test('over its limit the oldest goes', () => whileDown({ queueSize: 5 }, async (a, proxy) => {
    const joins = ['send', { event: 'roomAdd', room: 'otherRoom' }]
    await a.batch([...texts.slice(0, 4).map(text => ['say', 'otherRoom', text]), joins, ...texts.slice(4).map(text => ['say', 'otherRoom', text])])
    await proxy.accept()
    await until('the rest is heard', async () => (await heard(a)).length === 4, 15_000)
    assert.deepEqual(await heard(a), texts.slice(4))
    if (!use.keeps.tells) return
    await until('all is answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
    const told = (await a.calls()).map(({ replies: [{ status, code }] }) => status ?? code)
    assert.deepEqual(told, [...Array(4).fill('queue_full'), ...Array(5).fill('OK')])
  }))

  if (use.keeps.tells) {
    test('who leaves for good is told that nothing of it will be sent', () => whileDown({}, async a => {
      await a.batch(texts.map(text => ['say', 'otherRoom', text]))
      await a.tell('disconnect')
      await until('all is answered', async () => (await a.calls()).every(({ replies }) => replies.length === 1))
      for (const { replies: [{ code }] } of await a.calls()) assert.equal(code, 'connection_closed')
    }))
  }
})
