// The pages for everybody: with the keyboard alone, on a phone, in light and dark, with a screen reader's eyes (axe).
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { answer, choose, field, ready, run, withManifest } from '../lib/explorer.mjs'
import { accessible, expectRefusal, fits, picture, readable, shut, useBrowser } from '../lib/look.mjs'
import { enter, say, sees } from '../lib/page.mjs'
import { toys } from '../lib/toys.mjs'

const demo = useDemo()
const { blank, open } = useBrowser(demo)

const explore = async (hash = '', options) => ready(await open(`/explorer/${hash}`, options))
const SCHEMES = ['light', 'dark']
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
const WIDE = { viewport: { width: 1440, height: 900 } }

/** Each page of the explorer with something on it. */
const EXPLORED = {
  overview: page => page.getByRole('heading', { name: 'Where it is' }).waitFor(),
  async refusal (page) {
    await page.goto(`${demo.url}/explorer/#/actions/cacheTest`)
    await run(page, 'HTTP POST')
    await page.locator('#input-key-error').getByText('key is a required').waitFor()
    expectRefusal(page, 422)
  },
  async answer (page) {
    await page.goto(`${demo.url}/explorer/#/actions/randomNumber`)
    await run(page, 'Websocket')
    await answer(page).getByText('"stringRandomNumber"').waitFor()
  },
  async room (page) {
    await page.goto(`${demo.url}/explorer/#/rooms/defaultRoom`)
    await page.getByRole('button', { name: 'Join', exact: true }).click()
    await page.getByText('connection is here').or(page.getByText('connections are here')).waitFor()
    await page.getByRole('textbox', { name: /^Say in/ }).fill('Good evening')
    await page.getByRole('textbox', { name: /^Say in/ }).press('Enter')
    await page.getByRole('log').getByText('Good evening', { exact: true }).waitFor()
  },
  async connection (page) {
    await page.goto(`${demo.url}/explorer/#/connection`)
    await page.getByText('fingerprint', { exact: true }).waitFor()
  }
}

for (const colorScheme of SCHEMES) {
  describe(`in ${colorScheme}`, () => {
    test('the home page', async () => {
      const page = await open('/', { colorScheme })
      await page.getByText('healthy', { exact: true }).waitFor()
      await accessible(page, 'home')
      await readable(page)
      await shut(page)
    })

    test('the chat', async () => {
      const page = await enter(await open('/chat.html', { colorScheme }), 'Ann')
      await say(page, 'Good evening')
      await sees(page, 'Good evening')
      await accessible(page, 'chat')
      await shut(page)
    })

    test('the explorer on a desk', async () => {
      const page = await explore('', { ...WIDE, colorScheme })
      for (const [name, go] of Object.entries(EXPLORED)) {
        await go(page)
        await accessible(page, name)
        await readable(page)
        await fits(page)
        await picture(page, `explorer-${name}-${colorScheme}`)
      }
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
      await page.getByRole('dialog').waitFor()
      await accessible(page, 'keys')
      await picture(page, `explorer-keys-${colorScheme}`)
      await shut(page)
    })

    test('the explorer with every form of input', async () => {
      const page = await withManifest(await blank({ colorScheme }), toys())
      await page.goto(`${demo.url}/explorer/#/actions/place`)
      await field(page, 'point').fill('{')
      await run(page)
      await accessible(page, 'forms')
      await readable(page)
      await choose(page, 'quiet')
      await accessible(page, 'a kind that is blocked')
      await shut(page)
    })

    test('the explorer on a phone', async () => {
      const page = await explore('', { ...PHONE, colorScheme })
      const views = page.getByRole('navigation', { name: 'Views' })
      await page.getByRole('navigation', { name: 'Actions and rooms' }).waitFor()
      await accessible(page, 'list')
      await fits(page)
      await picture(page, `explorer-phone-list-${colorScheme}`)
      await choose(page, 'cacheTest')
      await field(page, 'key').fill('abc')
      await field(page, 'value').fill('def')
      const box = await page.getByRole('button', { name: 'Run', exact: true }).boundingBox()
      assert.ok(box.height >= 44, 'large enough for a finger')
      await picture(page, `explorer-phone-action-${colorScheme}`)
      await run(page, 'Websocket')
      await answer(page).getByText('"cacheTest_abc"').waitFor()
      await answer(page).scrollIntoViewIfNeeded()
      await accessible(page, 'action')
      await readable(page)
      await fits(page)
      await picture(page, `explorer-phone-answer-${colorScheme}`)
      await views.getByRole('button', { name: /^Wire/ }).click()
      await page.getByRole('heading', { name: 'Wire' }).waitFor()
      await accessible(page, 'wire')
      await fits(page)
      await picture(page, `explorer-phone-wire-${colorScheme}`)
      await views.getByRole('button', { name: 'Browse' }).click()
      await page.getByRole('link', { name: 'defaultRoom' }).click()
      await page.getByRole('button', { name: 'Join', exact: true }).click()
      await page.getByText('connection is here').or(page.getByText('connections are here')).waitFor()
      await fits(page)
      await picture(page, `explorer-phone-room-${colorScheme}`)
      await shut(page)
    })
  })
}

describe('with the keyboard alone', () => {
  const focused = page => page.evaluate(() => {
    const { id, textContent, value } = document.activeElement
    return id || textContent.trim() || value
  })

  async function tabTo (page, wanted) {
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press('Tab')
      if (await focused(page) === wanted) return
    }
    assert.fail(`${wanted} can’t be reached with Tab`)
  }

  test('an action is found, filled in, run, and left again', async () => {
    const page = await explore('', WIDE)
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await focused(page), 'main')
    await page.keyboard.press('/')
    assert.equal(await focused(page), 'search')
    await page.keyboard.type('cache')
    await page.keyboard.press('ArrowDown')
    assert.match(await focused(page), /^cacheTest/)
    assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'solid', 'the focus can be seen')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'cacheTest', level: 1 }).waitFor()
    assert.equal(await focused(page), 'cacheTest')
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'input-key')
    await page.keyboard.type('curtain/?')
    await page.keyboard.press('Tab')
    await page.keyboard.type('red')
    await page.keyboard.press('Control+Enter')
    await answer(page).getByText('"cacheTest_curtain/?"').waitFor()
    assert.equal(await focused(page), 'input-value', 'the focus stays where it was')
    await page.keyboard.press('Tab')
    assert.equal(await focused(page), 'post')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Control+Enter')
    await page.getByText('OK', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    assert.match(await focused(page), /^cacheTest/)
    await page.keyboard.press('ArrowUp')
    assert.equal(await focused(page), 'search')
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('#search').inputValue(), '')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    assert.match(await focused(page), /^otherRoom/)
    await page.keyboard.press('ArrowUp')
    assert.match(await focused(page), /^defaultRoom/)
    await shut(page)
  })

  test('a room is joined, and something said', async () => {
    const page = await explore('#/rooms/otherRoom', WIDE)
    await tabTo(page, 'Join')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Leave', exact: true }).waitFor()
    await tabTo(page, 'say')
    await page.keyboard.type('typed / said')
    await page.keyboard.press('Enter')
    await page.getByRole('log').getByText('typed / said', { exact: true }).waitFor()
    await tabTo(page, 'wire-filter')
    await page.keyboard.type('typed')
    await tabTo(page, 'frames')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('#frames details[open] pre').first().waitFor()
    await shut(page)
  })

  test('the keys are told', async () => {
    const page = await explore()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.press('Escape')
    assert.equal(await page.getByRole('dialog').isVisible(), false)
    assert.notEqual(await focused(page), 'search')
    await shut(page)
  })
})

test('light or dark is chosen, and remembered', async () => {
  const page = await explore('', { colorScheme: 'dark' })
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await paper()
  await page.getByRole('button', { name: 'Colours: system' }).click()
  await page.getByRole('button', { name: 'Colours: light' }).waitFor()
  const light = await paper()
  assert.notEqual(light, dark)
  await page.reload()
  assert.equal(await paper(), light)
  await page.getByRole('button', { name: 'Colours: light' }).click()
  await page.emulateMedia({ colorScheme: 'light' })
  assert.equal(await paper(), dark, 'whatever the system says')
  await page.getByRole('button', { name: 'Colours: dark' }).click()
  await page.reload()
  assert.equal(await paper(), light)
  await shut(page)
})

test('nothing jumps while the page comes to be and an answer arrives', async () => {
  const page = await explore('#/actions/randomNumber', WIDE)
  await page.keyboard.press('Control+Enter')
  await answer(page).getByText('"stringRandomNumber"').waitFor()
  const moved = await page.evaluate(() => new Promise(resolve => {
    new PerformanceObserver(list => resolve(list.getEntries().filter(entry => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)))
      .observe({ type: 'layout-shift', buffered: true })
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)))
  }))
  assert.ok(moved < 0.05, `what is on the screen moved by ${moved}`)
  await shut(page)
})
