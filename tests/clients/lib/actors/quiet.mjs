// The clients write what goes wrong to the console, and here a lot goes wrong on purpose. They ask these when they are
// loaded, so this is imported before them.

process.env.LOG_LEVEL ??= 'silent'
process.env._LOG_LEVEL ??= 'CRITICAL'

// actor-core was written for a Node that has this; 20 has not.
Promise.withResolvers ??= function withResolvers () {
  const both = {}
  both.promise = new this((resolve, reject) => Object.assign(both, { resolve, reject }))
  return both
}
