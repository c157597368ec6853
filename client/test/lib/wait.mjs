// Waiting, with an end.

/** The promise's value, or an error that says what was waited for. */
export async function within (what, promise, ms = 5_000) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** What the next event of that name carries, if it is the wanted one. */
export function event (emitter, name, wanted = () => true) {
  return within(`event ${name}`, new Promise(resolve => {
    const listener = value => {
      if (!wanted(value)) return
      emitter.removeListener(name, listener)
      resolve(value)
    }
    emitter.on(name, listener)
  }))
}
