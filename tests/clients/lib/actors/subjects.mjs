// The clients that the tests of actors are run with.

import { actorCore } from './actor-core.mjs'
import { rivet20 } from './rivet20.mjs'
import { rivet22 } from './rivet22.mjs'
import { rivet23 } from './rivet23.mjs'

const ENCODINGS = ['bare', 'cbor', 'json']

/** All of them. Each is one version in one encoding. */
export const SUBJECTS = [
  ...ENCODINGS.map(encoding => rivet20({ encoding })),
  ...ENCODINGS.map(encoding => rivet22({ encoding })),
  ...ENCODINGS.map(encoding => rivet23({ encoding })),
  ...['websocket', 'sse'].flatMap(transport => ['cbor', 'json'].map(encoding => actorCore({ encoding, transport })))
]

/** What a family is called when no client speaks it, but a test by hand. */
export const BY_HAND = Object.fromEntries(
  ['rivetkit', 'actor-core'].map(family => [family, { name: `${family} by hand`, family }])
)

/** Whether SUBJECTS, words with commas between them, asks for this one: all, or those whose name has one of the words. */
export function chosen ({ name }) {
  const words = process.env.SUBJECTS
  return !words || words.split(',').some(word => name.includes(word.trim()))
}
