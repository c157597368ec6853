// Waiting for things to happen. Nothing here sleeps in the hope that something has happened since:
// every wait is for an event or a condition, and has an end.

import { setTimeout as pause } from 'node:timers/promises'

/** The promise's value, or an error that says what was waited for. */
export async function within (ms, what, promise) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks again and again until the answer is truthy, and returns it. `instead` says what there was, if it never is. */
export async function until (what, condition, ms = 5_000, instead = () => '') {
  const end = Date.now() + ms
  for (;;) {
    const answer = await condition()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}\n${instead()}`.trimEnd())
    await pause(10)
  }
}

/** The next event of that name whose value satisfies the predicate. */
export function event (emitter, name, predicate = () => true, ms = 5_000) {
  let listener
  const seen = new Promise(resolve => {
    listener = value => { if (predicate(value)) resolve(value) }
    emitter.on(name, listener)
  })
  return within(ms, `event ${name}`, seen).finally(() => emitter.removeListener(name, listener))
}
