// What the makers' own servers (RivetKit 2.0.33 and 2.2.1, actor-core 0.6.3) do not do, and ours does. Where PLAYHOUSE_ACTORS_AT points to one of them, these tests are
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
    tests: ['an action without a result gives null', 'firing one is an action like any other']
  },
  {
    of: 'rivetkit,actor-core',
    why: 'JavaScript does not count arguments',
    tests: ['more arguments than an action takes are a mistake, and said to be one']
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
    of: '2.0.33',
    why: 'a refused connection is told by the reason of its close alone, and that says no more than the code',
    tests: [
      'a connection is refused: its calls and its listeners are told why',
      'all calls that wait are told',
      'a refused one tries again, and is never connected'
    ]
  },
  {
    of: '2.2.1',
    why: 'a refused connection is told by the reason of its close alone',
    tests: ['a connection is refused: its calls and its listeners are told why', 'all calls that wait are told']
  },
  {
    of: 'rivetkit,actor-core',
    why: 'no server asks a silent websocket whether it is still there',
    tests: ['who is silent is let go, and the others are told']
  },
  {
    of: '2.2.1',
    why: 'the disconnect hook runs twice for a connection that the actor ends',
    tests: ['one is sent away, and comes back as another connection']
  },
  {
    of: ' sse',
    why: 'a stream that the actor ends goes on',
    tests: [
      'one is sent away, and comes back as another connection', 'all of one name are sent away, one by its id alone',
      'subscriptions are there again when it is back'
    ]
  },
  {
    of: 'rivetkit by hand',
    why: '2.0.33 knows ids alone',
    tests: [
      'an actor is made, and is the one of the other notation', 'a part with a slash is one part', 'without a key it is the empty key',
      'get of what is not there', 'a name that nobody has registered, and a method that nobody knows',
      'the input counts for the call that makes the actor', 'raw HTTP sees nothing of the address', 'a websocket',
      'a websocket to what is not there'
    ]
  },
  {
    of: 'rivetkit by hand',
    why: 'now and then two of those who race are told that they made it',
    tests: ['racing requests make one actor, one of them made it']
  },
  {
    of: 'rivetkit by hand',
    why: 'keys are escaped once more in records',
    tests: ['a record has the key as it was sent']
  },
  {
    of: 'rivetkit by hand',
    why: 'any text is a key',
    tests: ['a key that no list of parts gives']
  },
  {
    of: 'rivetkit by hand',
    why: 'errors are written in the encoding of the call, with the type text/plain',
    tests: ['asking for too much, or for nothing', 'creating twice', 'errors are JSON in every encoding', 'headers that make no sense']
  },
  {
    of: 'rivetkit by hand',
    why: 'what cannot be read is an internal error',
    tests: ['bodies that are none', 'an input that is no base64, or no CBOR']
  },
  {
    of: 'rivetkit by hand',
    why: 'there is no DELETE on one machine',
    tests: ['what is deleted is gone, and its connections are told']
  },
  {
    of: 'rivetkit by hand',
    why: '2.0.33 reads BARE of version 2 alone, and headers in Latin-1 alone; arguments are what the actor makes of them',
    tests: [
      'who writes a newer BARE is understood',
      'parameters in Latin-1 and in UTF-8',
      'arguments of another kind, or too few, are refused before anything happens'
    ]
  },
  {
    of: 'rivetkit by hand',
    why: 'no output where there is none',
    tests: ['no output is null, and there']
  },
  {
    of: 'rivetkit by hand',
    why: 'there are other ways to say no',
    tests: ['what is not offered says so', 'an argument over the limit']
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
  },
  {
    of: 'rivetkit by hand',
    why: 'a refusal says no more than its code, and an actor that does not exist is an internal error',
    tests: [
      'who is refused is told everything, then the door is shut, without Init',
      'an actor that does not exist is told on the open websocket',
      'ids that somebody made up'
    ]
  },
  {
    of: 'rivetkit by hand',
    why: 'a close with a long reason fails',
    tests: ['a long reason is cut between two letters']
  },
  {
    of: 'rivetkit by hand',
    why: 'what cannot be read closes the connection with `internal_error`, or is an argument like any other',
    tests: [
      'frames that cannot be read', 'frames that are cut off anywhere', 'a text where bytes are meant', 'JSON of great depth', /^CBOR: /,
      'an argument over the limit'
    ]
  },
  {
    of: 'actor-core by hand',
    why: 'what is asked wrongly is an internal error',
    tests: ['what is not there, and a name that nobody has registered', 'questions that are none', 'frames that cannot be read']
  },
  {
    of: 'actor-core by hand',
    why: 'a message begins with the class of its error',
    tests: ['a call over HTTP', 'the frames of a websocket; ids are plain numbers']
  },
  {
    of: 'actor-core by hand',
    why: 'who is refused is left on a websocket that stays silent',
    tests: ['who is refused gets no first message']
  },
  {
    of: 'actor-core by hand',
    why: 'all that is wrong with a post is a 400',
    tests: ['a post needs the token of its connection']
  },
  {
    of: 'actor-core by hand',
    why: 'there is no other family',
    tests: ['a key of the other family is another actor']
  }
]

/** Why that test is not to be expected of this server; false if it is. */
export function excused ({ name: subject, family }, test) {
  if (!upstream || process.env.ANYWAY) return false
  const named = each => each instanceof RegExp ? each.test(test) : each === test
  const fault = FAULTS.find(({ of, tests }) => tests.some(named) && of.split(',').some(word => `${subject} ${family}`.includes(word)))
  return fault?.why ?? false
}
