// Chance that can be repeated: what a test does by chance follows from one number, which it prints.

/** Dice for a test. `SEED` repeats a run. */
export function dice (t) {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  t.diagnostic(`SEED=${seed}`)
  return diceOf(seed)
}

/** Dice that follow from a number. */
export function diceOf (seed) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = n => Math.floor(next() * n)
  return { seed, next, below, of: list => list[below(list.length)] }
}
