// One browser, two servers: the cookie that HTTP sets is the fingerprint that the websocket shows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRIMUS, ask, connect } from '../lib/client.mjs'
import { useDemo } from '../lib/demo.mjs'
import { cookieOf, get } from '../lib/http.mjs'
import { rawConnect } from '../lib/raw.mjs'

const demo = useDemo()

async function fingerprintOf (options) {
  const raw = await rawConnect(demo, options)
  const { data } = await raw.ask({ event: 'detailsView', messageId: 1 })
  return { ...data, is: data.fingerprint }
}

test('HTTP gives everybody a cookie of 40 hex digits', async () => {
  const answer = await get(demo, '/api/randomNumber')
  assert.match(cookieOf(answer), /^[0-9a-f]{40}$/)
  assert.equal(answer.json.requesterInformation.fingerprint, cookieOf(answer))
})

for (const primus of PRIMUS) {
  test(`the page's cookie is the websocket's fingerprint (Primus ${primus})`, async () => {
    const cookie = cookieOf(await get(demo, '/api/randomNumber'))
    const a = await connect(demo.url, { primus, cookie: `theme=dark; sessionID=${cookie}` })
    assert.equal(a.fingerprint, cookie)
    assert.notEqual(a.id, cookie)
    const web = await get(demo, '/api/randomNumber', { cookie: `sessionID=${a.fingerprint}` })
    assert.equal(web.json.requesterInformation.fingerprint, cookie)
    assert.equal(cookieOf(web), undefined, 'who brings one gets none')
  })
}

test('the cookie of the upgrade request counts as well', async () => {
  assert.equal((await fingerprintOf({ headers: { Cookie: 'a=b; sessionID=from-cookie; c=d' } })).is, 'from-cookie')
})

test('the query wins over the cookie', async () => {
  const { is } = await fingerprintOf({ path: '/primus?sessionID=from-query&_primuscb=Q7z', headers: { Cookie: 'sessionID=from-cookie' } })
  assert.equal(is, 'from-query')
})

test('of two in the query the first counts', async () => {
  assert.equal((await fingerprintOf({ path: '/primus?sessionID=first&sessionID=second' })).is, 'first')
})

test('without either, or with an empty one, it is the id', async () => {
  for (const path of ['/primus', '/primus?sessionID=', '/primus?other=1']) {
    const { is, id } = await fingerprintOf({ path })
    assert.equal(is, id)
  }
})

test('the header x-sessionid serves HTTP callers without cookies', async () => {
  const answer = await get(demo, '/api/randomNumber', { 'x-sessionid': 'from-header' })
  assert.equal(answer.json.requesterInformation.fingerprint, 'from-header')
  const both = await get(demo, '/api/randomNumber', { 'x-sessionid': 'from-header', cookie: 'sessionID=from-cookie' })
  assert.equal(both.json.requesterInformation.fingerprint, 'from-cookie')
})

test('two connections of one browser share it and nothing else', async () => {
  const [a, b] = await Promise.all([1, 2].map(() => connect(demo.url, { cookie: 'sessionID=shared' })))
  assert.equal(a.fingerprint, b.fingerprint)
  assert.notEqual(a.id, b.id)
  await ask(a, 'roomAdd', 'defaultRoom')
  assert.deepEqual((await ask(b, 'detailsView')).data.rooms, [])
})
