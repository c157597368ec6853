// The example `board` in a real browser: what is pinned lasts, where somebody points is seen at once and forgotten, and
// both come by one websocket.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dataFolder, example, launch } from '../lib/demo.mjs'
import { accessible, fits, PHONE, picture, readable, shut, useBrowser } from '../lib/look.mjs'
import { until } from '../lib/wait.mjs'

const env = { PLAYHOUSE_FILES__FOLDER: 'crates/playhouse/examples/board/public', PLAYHOUSE_DATA_DIR: dataFolder() }
const start = (port = 0) => launch({ command: example('board'), env: { ...env, PORT: String(port) } }).listening()

const server = {}
before(async () => { Object.setPrototypeOf(server, await start()) })
after(() => server.stop())
const { open } = useBrowser(server)

async function visit (options) {
  const page = await open('/', options)
  await ready(page)
  return page
}

const ready = page => page.getByText(/^you are Guest/).waitFor({ timeout: 20_000 })
const note = (page, text) => page.getByRole('article').filter({ hasText: text })

async function pin (page, text) {
  await page.getByRole('textbox', { name: 'New note' }).fill(text)
  await page.getByRole('button', { name: 'Pin it' }).click()
  await note(page, text).waitFor()
}

/** Where a note is, in whole pixels. */
async function spot (page, text) {
  const { x, y } = await note(page, text).boundingBox()
  return [Math.round(x), Math.round(y)]
}

describe('the board', () => {
  test('two windows share notes and pointers', async () => {
    const [ann, ben] = [await visit(), await visit()]
    const sockets = []
    ann.on('websocket', socket => sockets.push(socket))
    await pin(ann, 'Buy milk')
    await note(ben, 'Buy milk').waitFor()

    await note(ben, 'Buy milk').hover()
    await ann.locator('.pointer').getByText(/^Guest/).waitFor()
    await picture(ann, 'board')
    await ben.mouse.down()
    await ben.mouse.move(300, 400, { steps: 5 })
    await ben.mouse.up()
    const there = await spot(ben, 'Buy milk')
    await until('it is where Ben has put it', async () => String(await spot(ann, 'Buy milk')) === String(there))

    await ann.getByRole('button', { name: 'Tidy up' }).click()
    await ben.getByText(/has tidied up$/).waitFor()
    await until('it is in its row', async () => (await spot(ben, 'Buy milk'))[0] === 0)
    await ben.getByRole('button', { name: 'Take away: Buy milk' }).click()
    await note(ann, 'Buy milk').waitFor({ state: 'detached' })
    assert.deepEqual(sockets, [], 'nobody needs a second websocket')
    await shut(ann, ben)
  })

  test('notes are there when a killed server is, and nobody reloads', async () => {
    const page = await visit({ quiet: true })
    await pin(page, 'Before the fall')
    await server.kill()
    await page.getByText('on the way back…').waitFor()
    await page.getByRole('textbox', { name: 'New note' }).fill('Meanwhile')
    await page.getByRole('button', { name: 'Pin it' }).click()
    Object.setPrototypeOf(server, await start(server.port))
    await ready(page)
    await note(page, 'Meanwhile').waitFor()
    assert.equal(await note(page, 'Before the fall').count(), 1)
    await shut(page)
  })

  for (const [name, options] of Object.entries({
    'in light': {},
    'on a phone in the dark': { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: 'dark' }
  })) {
    test(`everybody can use it ${name}`, async () => {
      const page = await visit(options)
      await pin(page, `${name}-with-no-place-to-break-${'x'.repeat(60)}`)
      await pin(page, `<b>${name}</b>, never markup`)
      assert.equal(await page.locator('.note b').count(), 0)
      await fits(page)
      await readable(page)
      await accessible(page, 'board')
      await picture(page, `board-${name.replaceAll(' ', '-')}`)
      await shut(page)
    })
  }
})
