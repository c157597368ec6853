// The actors' page in a real browser: two windows share a counter and a guest book, and neither is reloaded while the
// server is killed and started again on what it had kept.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dataFolder, launch, startDemo, useDemo } from '../lib/demo.mjs'
import { DESK, accessible, fits, PHONE, picture, readable, shut, useBrowser } from '../lib/look.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const { open } = useBrowser(demo)

/** A window with a name of its own, in its seats. */
async function visit (name, options) {
  const page = await open('/actors.html', options)
  await connected(page)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Your name').blur()
  await here(page, name)
  return page
}

const connected = page => page.getByText('connected', { exact: true }).waitFor({ timeout: 20_000 })
const here = (page, name) => page.getByRole('list', { name: 'Here now' }).getByText(name, { exact: true }).waitFor()
const count = page => page.getByRole('status', { name: 'Count', exact: true }).textContent()
const counts = (page, wanted) => until(`the count is ${wanted}`, async () => await count(page) === String(wanted))
const more = page => page.getByRole('button', { name: '+1' }).click()
const sees = (page, text) => page.getByRole('log').getByText(text, { exact: true }).waitFor()

/** Sends somebody out, by a client of its own. */
async function kick (page, name) {
  await page.evaluate(async name => {
    const client = new globalThis.ActionheroWebsocketClient()
    await client.connect()
    const book = client.actor('chatRoom', 'demo', { username: 'boss', token: 'letmein' })
    await book.call('kick', name, 'be nice')
    await client.disconnect()
  }, name)
}

async function write (page, text) {
  await page.getByRole('textbox', { name: 'Message to the guest book' }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

describe('the actors\' page', () => {
  test('two windows share a counter and a guest book', async () => {
    const [ann, ben] = [await visit('Ann'), await visit('Ben')]
    const begin = Number(await count(ann))
    await more(ann)
    await counts(ben, begin + 1)
    await ben.getByRole('button', { name: '−1' }).click()
    await counts(ann, begin)
    await write(ann, 'Good evening')
    await sees(ben, 'Good evening')
    await sees(ann, 'Ann (you)')
    await write(ben, 'Good evening to you')
    await sees(ann, 'Good evening to you')
    await here(ann, 'Ben')
    await here(ben, 'Ann')
    await picture(ann, 'actors-light')
    await shut(ben)
    await until('Ben has gone', async () => !(await ann.getByRole('list', { name: 'Here now' }).textContent()).includes('Ben'))
    await shut(ann)
  })

  test('a killed server goes on where it was, and nobody reloads', async () => {
    const env = { PLAYHOUSE_DATA_DIR: dataFolder() }
    const first = await startDemo(env)
    const options = { server: first, quiet: true }
    const [ann, ben] = [await visit('Ann', options), await visit('Ben', options)]
    await more(ann)
    await more(ben)
    await Promise.all([ann, ben].map(page => counts(page, 2)))
    await write(ann, 'before the fall')
    await sees(ben, 'before the fall')
    for (const page of [ann, ben]) {
      await page.evaluate(() => {
        window.stays = true
        for (const item of document.querySelectorAll('.said')) item.dataset.stays = ''
      })
    }
    await first.kill()
    await ann.getByText(/^lost, back in/).waitFor()
    await more(ann)
    await write(ben, 'while it was away')
    await ann.getByText('1 to be counted when the server is back').waitFor()
    await picture(ann, 'actors-lost')
    const second = await launch({ env: { ...env, PORT: String(first.port) } }).listening()
    try {
      for (const page of [ann, ben]) {
        await connected(page)
        await counts(page, 3)
        await sees(page, 'before the fall')
        await sees(page, 'while it was away')
        await here(page, 'Ann')
        await here(page, 'Ben')
        assert.equal(await page.evaluate(() => window.stays), true, 'the page was not loaded again')
        const texts = await page.locator('.said').evaluateAll(all => all.map(item =>
          [item.querySelector('.said-text').textContent, 'stays' in item.dataset]))
        assert.deepEqual(texts, [['before the fall', true], ['while it was away', false]], 'nothing is read out again')
      }
      await more(ben)
      await counts(ann, 4)
      await picture(ben, 'actors-back')
      await shut(ann, ben)
    } finally {
      await second.stop()
    }
  })

  test('who is sent out keeps what was typed, and comes back by a button', async () => {
    const [zoe, ben] = [await visit('Zoe'), await visit('Ben')]
    await write(ben, 'before Zoe went')
    await sees(zoe, 'before Zoe went')
    await kick(ben, 'Zoe')
    await zoe.getByText('you are out', { exact: true }).waitFor()
    await sees(zoe, 'You are out: be nice.')
    assert.equal(await zoe.getByRole('listitem').count(), 0, 'who is here is unknown')
    assert.ok(await zoe.getByRole('button', { name: 'Connect now' }).isHidden())
    await write(zoe, 'a text that took long')
    await sees(zoe, 'Not written: be nice.')
    assert.equal(await zoe.getByRole('textbox', { name: 'Message to the guest book' }).inputValue(), 'a text that took long')
    await more(zoe)
    await fits(zoe)
    await readable(zoe)
    await accessible(zoe, 'actors, sent out')
    await picture(zoe, 'actors-out')
    for (const [name, look] of Object.entries({
      dark: { colorScheme: 'dark' }, phone: { viewport: PHONE, hasTouch: true, isMobile: true }
    })) {
      const page = await visit(name, look)
      await kick(ben, name)
      await page.getByText('you are out', { exact: true }).waitFor()
      await fits(page)
      await readable(page)
      await picture(page, `actors-out-${name}`)
      await shut(page)
    }
    await write(ben, 'while Zoe was out')
    await zoe.getByRole('button', { name: 'Come back' }).click()
    await connected(zoe)
    await here(zoe, 'Zoe')
    await sees(zoe, 'while Zoe was out')
    assert.equal(await zoe.getByText('before Zoe went').count(), 1)
    assert.ok(await zoe.getByRole('button', { name: 'Come back' }).isHidden())
    await zoe.keyboard.press('Enter')
    await sees(ben, 'a text that took long')
    await shut(zoe, ben)
  })

  test('who takes another name is the author of what was written under it', async () => {
    const ann = await visit('Ann')
    await write(ann, 'as Ann')
    await sees(ann, 'as Ann')
    await ann.getByLabel('Your name').fill('Bea')
    await ann.getByLabel('Your name').blur()
    await here(ann, 'Bea')
    await connected(ann)
    assert.equal(await ann.getByText('Ann (you)').count(), 0)
    assert.equal(await ann.getByText(/^You are out/).count(), 0, 'a change of names is no end')
    await shut(ann)
  })

  test('what is written is text, never markup', async () => {
    const ann = await visit('<b>Ann</b>')
    const nasty = '<img src=x onerror="document.title=1"> <b>bold</b>'
    await write(ann, nasty)
    await sees(ann, nasty)
    assert.equal(await ann.locator('#log img, #log b, #here b').count(), 0)
    await shut(ann)
  })

  for (const [name, options] of Object.entries({
    'in light': { viewport: DESK },
    'in the dark': { colorScheme: 'dark' },
    'on a phone': { viewport: PHONE, hasTouch: true, isMobile: true },
    'on a phone in the dark': { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: 'dark' }
  })) {
    test(`everybody can use it ${name}`, async () => {
      const page = await visit('Ann', options)
      await write(page, `a-word-that-has-no-place-to-break-at-all-${'x'.repeat(60)}`)
      await page.getByRole('log').getByText(/^a-word/).last().waitFor()
      await fits(page)
      await readable(page)
      await accessible(page, 'actors')
      const box = await page.getByRole('textbox', { name: 'Message to the guest book' }).boundingBox()
      assert.ok(box.y + box.height <= (options.viewport ?? DESK).height, 'the message field is on the screen')
      await picture(page, `actors-${name.replaceAll(' ', '-')}`)
      await shut(page)
    })
  }
})
