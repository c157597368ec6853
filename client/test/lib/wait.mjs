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

/** What is thrown to nobody while `act` runs and right after it: the messages of the errors. */
export async function uncaught (act) {
  const messages = []
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => messages.push(error.message))
  try {
    await act()
    await new Promise(resolve => setTimeout(resolve, 10))
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of others) process.on('uncaughtException', listener)
  }
  return messages
}
