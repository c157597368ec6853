// What the makers' own servers do not do, and ours does. Where PLAYHOUSE_ACTORS_AT points to one of them, these tests are
// skipped; on ours they all run. ANYWAY=1 runs them all the same.

import { upstream } from './server.mjs'

const FAULTS = [
  {
    of: 'rivetkit,actor-core',
    why: 'an actor of an unregistered name cannot start: the call hangs, and 2.0.33 ends',
    tests: ['a name that nobody has registered']
  },
  {
    of: 'json',
    why: 'JSON has no output where an action returns nothing',
    tests: ['an action without a result gives null']
  },
  {
    of: 'rivetkit,actor-core',
    why: 'inherited names are actions',
    tests: ['a name that every object has is not an action']
  },
  {
    of: '2.2.1',
    why: 'it calls the group of an internal error `rivetkit`',
    tests: ['an unexpected failure has a fixed message']
  },
  {
    of: 'actor-core',
    why: 'a message begins with the class of its error',
    tests: ['an error with code, message and metadata', 'an error with a message only', 'an unexpected failure has a fixed message']
  },
  {
    of: 'actor-core',
    why: 'a search that finds nothing is an internal error',
    tests: ['who gets what is not there is told so']
  }
]

/** Why that test is not to be expected of this server; false if it is. */
export function excused ({ name: subject, family }, test) {
  if (!upstream || process.env.ANYWAY) return false
  const fault = FAULTS.find(({ of, tests }) => tests.includes(test) && of.split(',').some(word => `${subject} ${family}`.includes(word)))
  return fault?.why ?? false
}
