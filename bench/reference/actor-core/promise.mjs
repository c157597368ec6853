// actor-core was written for a Node that has this; 20 has not.

Promise.withResolvers ??= function withResolvers () {
  const both = {}
  both.promise = new this((resolve, reject) => Object.assign(both, { resolve, reject }))
  return both
}
