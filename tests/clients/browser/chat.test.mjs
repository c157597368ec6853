// The pages in a real browser: two windows that chat, in light and dark, on a desk and on a phone,
// with the mouse and without it. And the stock client where it is at home: in a page.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { browserBundle } from '../lib/client.mjs'
import { launch, startDemo, useDemo } from '../lib/demo.mjs'
import { expectRefusal, fits, PHONE, picture, readable, shut, useBrowser } from '../lib/look.mjs'
import { enter, say, sees } from '../lib/page.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const { open } = useBrowser(demo)

async function chat (name, options) {
  return enter(await open('/chat.html', options), name)
}

const room = (page, name) => page.getByRole('button', { name: new RegExp(`^${name}(,|$)`) })

describe('chat', () => {
  test('two windows hear each other', async () => {
    const ann = await chat('Ann')
    const ben = await chat('Ben')
    await say(ann, 'Good evening')
    await sees(ben, 'Good evening')
    await sees(ben, 'Ann')
    await say(ben, 'Good evening to you')
    await sees(ann, 'Good evening to you')
    await sees(ann, 'Ann (you)')
    await ann.getByText('2 people are here').waitFor()
    assert.match(await ben.getByRole('log').locator('time').first().textContent(), /\d{1,2}[:.]\d\d/)
    await picture(ann, 'chat-light')
    await readable(ann)
    await shut(ben)
    await ann.getByText('only you are here').waitFor()
    await shut(ann)
  })

  test('rooms are apart, unread messages are counted, new rooms are opened', async () => {
    const [ann, ben] = [await chat('Ann'), await chat('Ben')]
    await room(ann, 'otherRoom').click()
    await say(ben, 'in the default room')
    await room(ann, 'defaultRoom, 1 unread').waitFor()
    await say(ann, 'in the other room')
    await sees(ann, 'in the other room')
    assert.equal(await ben.getByRole('log').getByText('in the other room').count(), 0)
    await room(ann, 'defaultRoom').click()
    await sees(ann, 'in the default room')

    await ann.getByLabel('New room').fill('Foyer é')
    await ann.getByRole('button', { name: 'Open' }).click()
    await ann.getByRole('heading', { name: 'Foyer é' }).waitFor()
    await ann.getByText('Foyer é is open.').waitFor()
    await ben.getByLabel('New room').fill('Foyer é')
    await ben.getByLabel('New room').press('Enter')
    await ben.getByText('Foyer é was open already.').waitFor()
    await say(ben, 'here you are')
    await sees(ann, 'here you are')
    await shut(ann, ben)
  })

  test('what is said is text, never markup', async () => {
    const [ann, ben] = [await chat('<b>Ann</b>'), await chat('Ben')]
    const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script> &amp; <b>bold</b>'
    await say(ann, nasty)
    await sees(ben, nasty)
    assert.equal(await ben.getByRole('log').locator('img, script, b').count(), 0)
    assert.match(await ben.title(), /^Chat/)
    await shut(ann, ben)
  })

  test('in the dark', async () => {
    const [ann, ben] = [await chat('Ann', { colorScheme: 'dark' }), await chat('Ben', { colorScheme: 'dark' })]
    await say(ann, 'Lights off, please.')
    await say(ann, 'Thank you.')
    await sees(ben, 'Thank you.')
    await say(ben, 'Who is there?')
    await sees(ann, 'Who is there?')
    await picture(ann, 'chat-dark')
    await readable(ann)
    await shut(ann, ben)
  })

  for (const colorScheme of ['light', 'dark']) {
    test(`on a phone, ${colorScheme}`, async () => {
      const options = { viewport: PHONE, colorScheme, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
      const [ann, ben] = [await chat('Ann', options), await chat('Ben', options)]
      await say(ann, 'A rather long message that has to be broken into several lines on a screen as narrow as this one, and a-word-that-does-not-fit-because-it-has-no-place-to-break-at-all.')
      await say(ben, 'Short.')
      await sees(ann, 'Short.')
      await fits(ann)
      const box = await ann.getByRole('textbox', { name: /^Message to/ }).boundingBox()
      assert.ok(box.y + box.height <= PHONE.height, 'the message field is on the screen')
      assert.ok(box.height >= 44, 'and large enough for a finger')
      await readable(ann)
      await picture(ann, `chat-phone-${colorScheme}`)
      await shut(ann, ben)
    })
  }

  test('with the keyboard alone', async () => {
    const ben = await chat('Ben')
    const ann = await open('/chat.html')
    await ann.getByText('connected', { exact: true }).waitFor()
    const focused = () => ann.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id)
    const tabTo = async wanted => {
      for (let n = 0; n < 30; n++) {
        await ann.keyboard.press('Tab')
        if (await focused() === wanted) return
      }
      assert.fail(`${wanted} cannot be reached with Tab`)
    }
    await ann.keyboard.press('Tab')
    assert.equal(await focused(), 'Skip to the message field')
    await tabTo('otherRoom')
    const outline = await ann.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
    assert.equal(outline, 'solid', 'the focus can be seen')
    await picture(ann, 'chat-focus')
    await ann.keyboard.press('Enter')
    await ann.getByRole('heading', { name: 'otherRoom' }).waitFor()
    assert.equal(await focused(), 'message')
    await ann.keyboard.press('Shift+Tab')
    await ann.goto(ann.url())
    await ann.getByRole('heading', { name: 'otherRoom' }).waitFor()
    await ann.getByText('connected', { exact: true }).waitFor()
    await tabTo('name')
    await ann.keyboard.press('Control+A')
    await ann.keyboard.type('Ann')
    await tabTo('message')
    await ann.keyboard.type('typed')
    await ann.keyboard.press('Enter')
    await sees(ann, 'typed')
    await room(ben, 'otherRoom, 1 unread').waitFor()
    await shut(ann, ben)
  })

  test('it tells when the server is lost, and comes back', async () => {
    const first = await startDemo()
    const page = await chat('Ann', { server: first, quiet: true })
    await first.kill()
    await page.getByText(/^lost, back in/).first().waitFor()
    assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled())
    await picture(page, 'chat-lost')
    const second = await launch({ env: { PORT: String(first.port) } }).listening()
    try {
      const connected = page.getByText('connected', { exact: true })
      await until('it is back', async () => await connected.count() > 0, 20_000)
      await say(page, 'still here')
      await sees(page, 'still here')
      await shut(page)
    } finally {
      await second.stop()
    }
  })

  test('it obeys the close packet and offers to come back', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__DESTROY_CLIENTS_ON_SHUTDOWN: 'true' })
    const page = await chat('Ann', { server, quiet: true })
    await server.stop()
    await page.getByText('ended by the server', { exact: true }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Connect now' }).isVisible())
    await shut(page)
  })
})

describe('home', () => {
  test('it shows how the node is, live', async () => {
    const page = await open('/')
    await page.getByText('healthy', { exact: true }).waitFor()
    const uptime = page.locator('#fact-uptime')
    const before = await uptime.textContent()
    assert.notEqual(before, '–')
    await until('the uptime changes', async () => await uptime.textContent() !== before, 12_000)
    await picture(page, 'home-light')
    await readable(page)
    await shut(page)
  })

  test('actions can be tried', async () => {
    const page = await open('/')
    await page.getByRole('button', { name: 'Run it' }).click()
    await page.getByLabel('Answer').getByText('Your random number is').waitFor()
    await page.getByText(/^200 in \d+ ms$/).waitFor()
    await page.getByLabel('Action', { exact: true }).selectOption('cacheTest')
    await page.getByLabel('key').fill('curtain call')
    assert.match(await page.getByLabel('The same call with curl').textContent(), /curl 'http:\/\/.+\/api\/cacheTest\?key=curtain\+call&value=red'/)
    await page.getByRole('button', { name: 'Run it' }).click()
    await page.getByLabel('Answer').getByText('cacheTest_curtain call').waitFor()
    await picture(page, 'home-answer')
    await page.getByLabel('value').fill('')
    page.faults.length = 0
    await page.getByRole('button', { name: 'Run it' }).click()
    await page.getByText(/^422 in/).waitFor()
    expectRefusal(page, 422)
    await shut(page)
  })

  for (const [name, options] of Object.entries({
    'in the dark': { colorScheme: 'dark' },
    'on a phone': { viewport: PHONE },
    'on a phone in the dark': { viewport: PHONE, colorScheme: 'dark' }
  })) {
    test(name, async () => {
      const page = await open('/', options)
      await page.getByText('healthy', { exact: true }).waitFor()
      await fits(page)
      await readable(page)
      await picture(page, `home-${name.replaceAll(' ', '-')}`)
      await picture(page, `home-whole-${name.replaceAll(' ', '-')}`, { fullPage: true })
      await shut(page)
    })
  }
})

describe('the stock client in a page', () => {
  for (const primus of [8, 7, 6]) {
    test(`of Primus ${primus}: cookie, room, chat, action`, async () => {
      const page = await open('/', { bypassCSP: true })
      await page.addScriptTag({ content: browserBundle(primus) })
      const seen = await page.evaluate(async () => {
        const client = new window.ActionheroWebsocketClient()
        const ask = (method, ...args) => new Promise(resolve => client[method](...args, resolve))
        await new Promise((resolve, reject) => client.connect(error => error ? reject(error) : resolve()))
        await ask('roomAdd', 'defaultRoom')
        const heard = new Promise(resolve => client.on('say', resolve))
        await ask('say', 'defaultRoom', 'from a page')
        const result = {
          fingerprint: client.fingerprint,
          cookie: /sessionID=([^;]+)/.exec(document.cookie)?.[1],
          said: (await heard).message,
          action: await ask('action', 'randomNumber'),
          welcome: client.welcomeMessage
        }
        client.disconnect()
        result.fallback = await ask('action', 'randomNumber')
        return result
      })
      assert.match(seen.cookie, /^[0-9a-f]{40}$/)
      assert.equal(seen.fingerprint, seen.cookie)
      assert.equal(seen.said, 'from a page')
      assert.equal(typeof seen.action.randomNumber, 'number')
      assert.match(seen.welcome, /^Welcome to the/)
      assert.equal(typeof seen.fallback.randomNumber, 'number')
      await shut(page)
    })
  }
})
