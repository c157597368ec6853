// What a node says at its start when its Redis is not as it should be: in a sentence, without a password,
// and it ends. And what it takes to speak TLS.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { clustered, withCluster } from '../lib/cluster.mjs'
import { example, launch, refusedStart } from '../lib/demo.mjs'
import { Redis } from '../lib/redis.mjs'
import { Scene } from '../lib/scene.mjs'
import { until } from '../lib/wait.mjs'

/** A node waits for a Redis that is not there yet, but not for ever. */
const PATIENCE = 20_000

/** Starts a node that is expected to refuse, and returns all that it says. */
async function refused (options) {
  const node = { command: example('nodes'), env: clustered(options) }
  const { code, signal, said } = await refusedStart(node, PATIENCE)
  assert.equal(signal, null)
  assert.notEqual(code, 0)
  assert.match(said, /redis/i)
  assert.doesNotMatch(said, /panicked/)
  assert.doesNotMatch(said, /geheim/, 'a password is not shown')
  return said
}

describe('with a password', () => {
  let redis
  before(async () => { redis = await Redis.start({ password: 'geheim' }) })
  after(() => redis.stop())

  test('the right one serves', async () => {
    await withCluster(2, { redis: { password: 'g:e@h/e#i%m' } }, async cluster => { await Scene.on(cluster) })
  })

  test('a wrong one, or none, is told as such', async () => {
    const wrong = await refused({ url: redis.url({ password: 'geheimer' }) })
    assert.match(wrong, /password|WRONGPASS/i)
    const none = await refused({ url: redis.url({ password: '' }) })
    assert.match(none, /password|NOAUTH/i)
  })
})

// Most of these wait for the patience of a node to end, so they wait together.
describe('with TLS, or nobody', { concurrency: true }, () => {
  let redis
  before(async () => { redis = await Redis.start({ tls: true }) })
  after(() => redis.stop())

  test('the authority in ca_file serves, with a password and after a restart of Redis too', async () => {
    await withCluster(2, { redis: { tls: true, password: 'geheim' } }, async cluster => {
      const scene = await Scene.on(cluster)
      await cluster.redis.restart()
      await scene.heals()
    })
  })

  test('a certificate that nobody vouches for is refused, and the way out is told', async () => {
    const said = await refused({ url: redis.url() })
    assert.match(said, /certificate|issuer|TLS/i)
    assert.match(said, /ca_file/)
  })

  test('a ca_file that is not there, or is none, is named', async () => {
    for (const ca of ['/nowhere/ca.pem', redis.tls.key]) {
      const said = await refused({ url: redis.url(), ca })
      assert.ok(said.includes(ca), said)
    }
  })

test('nobody listens there: refused, with the address', async () => {
    const redis = await Redis.start()
    const url = redis.url()
    await redis.stop()
    assert.ok((await refused({ url })).includes(String(redis.port)))
  })

  test('speaking TLS to one who does not, and the other way round, is told', async () => {
    await refused({ url: redis.url().replace('rediss:', 'redis:') })
    const plain = await Redis.start()
    try {
      await refused({ url: plain.url().replace('redis:', 'rediss:'), ca: redis.ca })
    } finally {
      await plain.stop()
    }
  })
})

test('Redis comes a little later: the node waits for it', async () => {
  const redis = await Redis.start()
  await redis.kill()
  const node = launch({ command: example('nodes'), env: clustered({ url: redis.url() }) })
  try {
    await until('the node says that it waits', () => /waiting for Redis/.test(node.log))
    await redis.begin()
    await node.listening()
    assert.equal((await node.stop()).code, 0)
  } finally {
    await node.kill()
    await redis.stop()
  }
})

test('what is no address is refused with the key and what one looks like', async () => {
  for (const url of ['http://127.0.0.1', '127.0.0.1:6379', 'redis://', 'redis://127.0.0.1:x', 'redis://127.0.0.1/db']) {
    assert.match(await refused({ url }), /redis\.url|REDIS__URL/)
  }
})
