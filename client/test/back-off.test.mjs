// How long a client waits before it comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { source } from './lib/source.mjs'
import { dice } from './lib/world.mjs'

const { BackOff } = await source('link/back-off.ts')
const { milliseconds } = await source('link/milliseconds.ts')

const options = { min: 500, max: Infinity, factor: 2, retries: 10, timeout: 30_000 }
const waits = (backOff, n) => Array.from({ length: n }, () => backOff.next())

test('each wait is between one and two of its steps, and the steps double', () => {
  for (let seed = 0; seed < 200; seed++) {
    const all = waits(new BackOff(options, dice(seed)), 10)
    for (const [n, wait] of all.entries()) {
      const step = 500 * 2 ** n
      assert.ok(wait >= step && wait <= 2 * step, `seed ${seed}: wait ${n + 1} is ${wait}`)
    }
  }
})

test('a thousand clients that lost their server at once come back over all of the first step', () => {
  const first = Array.from({ length: 1000 }, (_, seed) => new BackOff(options, dice(seed)).next())
  for (let tenth = 0; tenth < 10; tenth++) {
    const here = first.filter(wait => Math.min(9, Math.floor((wait - 500) / 50)) === tenth).length
    assert.ok(here > 50 && here < 200, `${here} of 1000 in the tenth ${tenth}`)
  }
})

test('no wait is longer than max, and there is chance in the longest too', () => {
  const longest = new Set()
  for (let seed = 0; seed < 50; seed++) {
    const all = waits(new BackOff({ ...options, max: 3_000 }, dice(seed)), 10)
    assert.ok(all.every(wait => wait >= 500 && wait <= 3_000))
    longest.add(all[9])
  }
  assert.ok(longest.size > 20)
})

test('no wait is longer than timers can be, however many attempts', () => {
  for (const given of [{}, { factor: 1e9 }, { min: 1e12 }, { min: 0 }, { max: 1e12 }]) {
    const all = waits(new BackOff({ ...options, retries: Infinity, ...given }, dice(1)), 2_000)
    assert.ok(all.every(wait => wait >= 0 && wait <= 0x7fffffff), JSON.stringify(given))
  }
})

test('after the last attempt it is time to give up', () => {
  const backOff = new BackOff({ ...options, retries: 3 }, () => 0)
  assert.deepEqual(waits(backOff, 4), [500, 1000, 2000, null])
})

test('a link that opens gives all attempts anew, but only one that stays makes the waits short', () => {
  const backOff = new BackOff({ ...options, retries: 2 }, () => 0)
  assert.deepEqual(waits(backOff, 2), [500, 1000])
  backOff.opened()
  assert.deepEqual(waits(backOff, 3), [2000, 4000, null])
  backOff.opened()
  backOff.steady()
  assert.deepEqual(waits(backOff, 1), [500])
})

test('times are read as people write them', () => {
  const forms = { 500: 500, '30 s': 30_000, '2 minutes': 120_000, '1h': 3_600_000, '30 days': 2_592_000_000, '7 ms': 7, '1.5s': 1_500, '20 milliseconds': 20 }
  for (const [text, ms] of Object.entries(forms)) assert.equal(milliseconds(text, -1), ms, text)
  assert.equal(milliseconds(Infinity, -1), Infinity)
  assert.equal(milliseconds(false, -1), 0)
  for (const other of [undefined, null, 'soon', NaN]) assert.equal(milliseconds(other, -1), -1)
})
