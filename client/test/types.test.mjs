// The types, as an editor sees them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const APPLICATION = `
  type Line = { text: string }
  interface Actions {
    shout: { params: { line: Line }; result: { count: number }; errors: "too_loud" | "missing_param" }
  }
  interface Rooms { lobby: string | Line }
`

test('what is right is let through, what is wrong is an error', () => {
  const types = readFileSync(`${ROOT}dist/client.d.ts`, 'utf8')
  assert.equal(types.split('\n//%%APPLICATION%%\n').length, 2)
  mkdirSync(`${ROOT}test/types/generated`, { recursive: true })
  writeFileSync(`${ROOT}test/types/generated/ActionheroWebsocketClient.d.ts`, types.replace('//%%APPLICATION%%', APPLICATION))
  for (const project of ['.', 'test/types']) {
    const { status, stdout } = spawnSync(`${ROOT}node_modules/.bin/tsc`, ['-p', `${ROOT}${project}`], { encoding: 'utf8' })
    assert.equal(status, 0, stdout)
  }
})
