// The verb `file`: what the public folder holds, and nothing else.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { PRIMUS, ask, connect, send } from '../lib/client.mjs'
import { ROOT, useDemo } from '../lib/demo.mjs'

const demo = useDemo()

function without (reply, ...keys) {
  return Object.fromEntries(Object.entries(reply).filter(([key]) => !keys.includes(key)))
}

const NOT_FOUND = { error: 'that file is not found', content: null, mime: 'text/html', length: 22, context: 'response' }

for (const primus of PRIMUS) {
  describe(`with the client of Primus ${primus}`, () => {
    test('a text file', async () => {
      const reply = await ask(await connect(demo.url, { primus }), 'file', 'demo/hello.txt')
      assert.deepEqual(Object.keys(reply), ['content', 'mime', 'length', 'lastModified', 'context', 'messageId'])
      assert.deepEqual([reply.content, reply.mime, reply.length], ['hello from the demo\n', 'text/plain', 20])
      assert.match(reply.lastModified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })

    test('length counts bytes, content is text', async () => {
      const reply = await ask(await connect(demo.url, { primus }), 'file', 'demo/index.html')
      assert.deepEqual([reply.content, reply.mime, reply.length], ['<p>demo page é</p>\n', 'text/html', 20])
    })

    test('a folder gives its index', async () => {
      const a = await connect(demo.url, { primus })
      const [folder, slash, file] = await Promise.all(
        ['demo', 'demo/', 'demo/index.html'].map(path => ask(a, 'file', path)))
      assert.deepEqual(without(folder, 'messageId'), without(file, 'messageId'))
      assert.deepEqual(without(slash, 'messageId'), without(file, 'messageId'))
    })
  })
}

test('what is not there, is not a file, or is not ours, is not found', async () => {
  const a = await connect(demo.url)
  const names = ['nope.html', '', 'logo', '../Cargo.toml', '../playhouse.toml', 'demo/../../Cargo.toml', '/etc/passwd',
    '..', '../..', 'demo/hello.txt\u0000', '\u0000', '%2e%2e/Cargo.toml', 'demo%2Fhello.txt',
    '..\\Cargo.toml', 'x'.repeat(10_000), 5, 0, true, null, {}, ['demo/hello.txt'], { file: 'demo/hello.txt' }]
  for (const file of names) {
    const reply = await send(a, { event: 'file', file })
    assert.deepEqual(without(reply, 'messageId'), NOT_FOUND, `file ${JSON.stringify(file).slice(0, 60)}`)
  }
  assert.deepEqual(without(await send(a, { event: 'file' }), 'messageId'), NOT_FOUND)
})

test('a path that stays inside is fine', async () => {
  const a = await connect(demo.url)
  assert.equal((await ask(a, 'file', './demo/hello.txt')).content, 'hello from the demo\n')
  assert.equal((await ask(a, 'file', 'logo/../demo/hello.txt')).content, 'hello from the demo\n')
})

test('many at once keep their own messageIds', async () => {
  const a = await connect(demo.url)
  const wanted = ['demo/hello.txt', 'nope', 'demo/index.html', 'index.html', 'demo']
  const all = Array.from({ length: 50 }, (_, n) => wanted[n % wanted.length])
  const replies = await Promise.all(all.map((file, n) => new Promise(resolve => {
    a.send({ event: 'file', file, messageId: `file-${n}` }, resolve)
  })))
  const index = readFileSync(join(ROOT, 'demo/public/index.html'), 'utf8')
  const contents = ['hello from the demo\n', null, '<p>demo page é</p>\n', index, '<p>demo page é</p>\n']
  replies.forEach((reply, n) => {
    assert.equal(reply.messageId, `file-${n}`)
    assert.equal(reply.content, contents[n % wanted.length])
  })
})
