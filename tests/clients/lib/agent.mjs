// What stands beside a client under test, wherever that runs: in this process, in a process of its own or in a
// page. It makes clients, calls them, and keeps what they answered and told. A page gets the text of this
// function, so nothing from outside may be used in it.

/**
 * An agent for clients of the class that `find` returns. ActionHero's file never calls its emitter's constructor, so
 * that all clients of a page share their listeners; who promises no more gets an emitter `apart` for each client.
 */
export function agent (find, apart) {
  const EVENTS = ['connected', 'disconnected', 'error', 'reconnect', 'reconnecting', 'timeout', 'message', 'alert', 'api',
    'welcome', 'say']
  const made = []

  /** As what passes between processes; errors keep what a person would read. */
  function plain (value) {
    if (value === undefined) return undefined
    if (Object.prototype.toString.call(value) === '[object Error]') {
      const { name, message, code } = value
      return { isError: true, hasStack: typeof value.stack === 'string' && value.stack.length > 0, name, message, code }
    }
    return JSON.parse(JSON.stringify(value))
  }

  function start (n, method, ...args) {
    const one = made[n]
    const call = { method, args: plain(args), replies: [] }
    one.calls.push(call)
    call.answered = new Promise(resolve => {
      one.client[method](...args, (...reply) => {
        call.replies.push(plain(reply[0]))
        resolve()
      })
    })
    return one.calls.length - 1
  }

  return {
    make (options, rooms = []) {
      const Client = find()
      const client = new Client(options)
      if (apart) Object.assign(client, new (Object.getPrototypeOf(Client.prototype).constructor)())
      client.rooms = rooms
      const one = { client, log: [], calls: [], connects: [], thrown: [] }
      for (const event of EVENTS) {
        client.on(event, value => {
          one.log.push({ event, value: plain(value), state: client.state, id: client.id, rooms: plain(client.rooms) })
        })
      }
      return made.push(one) - 1
    },

    /** Begins to connect; what the callback gets is kept. */
    connect (n) {
      const one = made[n]
      one.begun = true
      const back = one.client.connect((error, details) => one.connects.push({ error: plain(error), details: plain(details) }))
      // Who takes a callback need not take the promise too.
      if (back && back.catch) back.catch(error => one.thrown.push(plain(error)))
    },

    /** Several calls in the same turn. Their numbers. */
    batch: (n, calls) => calls.map(([method, ...args]) => start(n, method, ...args)),

    /** The first answer to a call that takes a callback. */
    async ask (n, method, args) {
      const call = made[n].calls[start(n, method, ...args)]
      await call.answered
      return call.replies[0]
    },

    /** The same, or nothing if there is no answer within some time. */
    async asked (n, method, args, ms) {
      const call = made[n].calls[start(n, method, ...args)]
      await Promise.race([call.answered, new Promise(resolve => setTimeout(resolve, ms))])
      return call.replies[0]
    },

    /** What a call without a callback promises: `{ value }` or `{ thrown }`. */
    async promised (n, method, args) {
      try {
        return { value: plain(await made[n].client[method](...args)) }
      } catch (error) {
        return { thrown: plain(error) }
      }
    },

    /** Calls something that is not answered. */
    tell (n, method, args) {
      made[n].client[method](...args)
    },

    calls: n => made[n].calls.map(({ method, args, replies }) => ({ method, args, replies })),
    log: n => made[n].log,

    look (n) {
      const { client, connects, thrown } = made[n]
      const { state, transport, id, fingerprint, rooms, welcomeMessage } = client
      return plain({ state, transport, id, fingerprint, rooms, welcomeMessage, connects, thrown })
    },

    /** Lets the clock of this place jump, as it does when a person sets it or a machine wakes up. */
    jump (ms) {
      const { now } = Date
      Date.now = () => now.call(Date) + ms
    },

    close (n) {
      const { client, begun } = made[n]
      if (!begun) return
      client.disconnect()
      // Primus 8 that is told to end in the middle of an attempt tries on for as long as it may.
      const { recovery, options } = client.client || {}
      if (!recovery || !recovery.reset) return
      options.strategy = []
      recovery.reset()
    }
  }
}
