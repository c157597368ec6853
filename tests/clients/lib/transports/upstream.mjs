// What the makers' own servers do otherwise than ours. Where PLAYHOUSE_DEMO is `bench/reference/transports/server.mjs`
// such tests are skipped; ANYWAY=1 runs them all the same.

/** Whether the server under test is that of the makers. */
export const upstream = /reference\/transports\/server\.mjs$/.test(process.env.PLAYHOUSE_DEMO ?? '') && process.env.ANYWAY !== '1'

/** Options of a test that the makers' own servers do not pass, and why. */
export function ours (why) {
  return { skip: upstream && `upstream: ${why}` }
}
