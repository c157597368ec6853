// A process with an agent for one subject, which another process talks to.

import { realm } from './realm.mjs'
import { SUBJECTS } from './subjects.mjs'

const desk = realm(SUBJECTS.find(({ name }) => name === process.argv[2]))

process.on('message', async ({ n, method, args }) => {
  try {
    process.send({ n, value: await (await desk)[method](...args) })
  } catch (error) {
    process.send({ n, error: error.stack })
  }
})
process.on('disconnect', () => process.exit())
