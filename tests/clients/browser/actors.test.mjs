// RivetKit's client in a page: the program that the book's page on actors has for it, in two windows.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { blocksOf } from '../lib/book.mjs'
import { dataFolder, example, launch } from '../lib/demo.mjs'
import { shut, useBrowser } from '../lib/look.mjs'
import { pageOf, withModules } from '../lib/modules.mjs'

const BODY = '<p id="count" role="status"></p><button>One more</button>'
const program = blocksOf('actors.md').find(({ language, text }) => language === 'js' && text.includes('document.'))
const folder = dataFolder()
writeFileSync(join(folder, 'counter.html'), pageOf(BODY, program.text))

const server = launch({ command: example('counter'), env: { PLAYHOUSE_FILES__FOLDER: folder } })
server.ready = server.listening()
after(() => server.stop())
const { blank } = useBrowser(server)

test('two windows share a counter', async () => {
  const windows = await Promise.all([blank(), blank()])
  for (const window of windows) {
    await withModules(window)
    await window.goto(`${server.url}/counter.html`)
    await window.getByText('0', { exact: true }).waitFor()
  }
  const [ann, ben] = windows
  await ann.getByRole('button').click()
  for (const window of windows) await window.getByText('1', { exact: true }).waitFor()
  await ben.getByRole('button').click()
  for (const window of windows) await window.getByText('2', { exact: true }).waitFor()
  assert.equal(await ann.getByRole('status').textContent(), '2')
  await shut(...windows)
})
