// Errors as clients throw them.

import assert from 'node:assert/strict'
import { within } from '../wait.mjs'

/** The error that a promise fails with. */
export async function errorOf (promise, ms = 5_000) {
  const outcome = await within(ms, 'the call fails', promise.then(value => ({ value }), error => ({ error })))
  if ('value' in outcome) assert.fail(`it did not fail, but said ${JSON.stringify(outcome.value)}`)
  return outcome.error
}

/**
 * Fails with that `group/code`, and with that message and metadata where they are named. actor-core knows no groups.
 */
export async function fails (promise, words, { message, metadata } = {}) {
  const error = await errorOf(promise)
  tells(error, words, { message, metadata })
  return error
}

/** The error says what it is to say. */
export function tells (error, words, { message, metadata } = {}) {
  const [group, code] = words.split('/')
  assert.equal(error.code, code, `the code of ${error}`)
  if (error.group !== undefined) assert.equal(error.group, group, `the group of ${error}`)
  if (message !== undefined) assert.equal(error.message, message)
  if (metadata !== undefined) assert.deepEqual(error.metadata ?? null, metadata)
}
