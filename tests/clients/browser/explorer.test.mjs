// The explorer in a real browser: finding actions, running them both ways, and what it says when something is wrong.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { answer, choose, field, ready, run, withManifest } from '../lib/explorer.mjs'
import { expectRefusal, picture, shut, useBrowser } from '../lib/look.mjs'
import { NASTY, nastyToys, toys } from '../lib/toys.mjs'

const demo = useDemo()
const { blank, open } = useBrowser(demo)

const explore = async (hash = '', options) => ready(await open(`/explorer/${hash}`, options))

/** The explorer of an application that the server knows nothing of. */
async function exploreToys (hash = '', manifest = toys()) {
  const page = await withManifest(await blank(), manifest)
  await page.goto(`${demo.url}/explorer/${hash}`)
  return ready(page)
}

const list = page => page.getByRole('navigation', { name: 'Actions and rooms' })

describe('finding', () => {
  test('all actions are listed with what they are for, and so are the rooms', async () => {
    const page = await explore()
    const manifest = await (await fetch(`${demo.url}/explorer/manifest.json`)).json()
    assert.ok(manifest.actions.length >= 8)
    for (const { name } of manifest.actions) await list(page).getByRole('link', { name: new RegExp(`^${name}( |$)`) }).first().waitFor()
    await list(page).getByText('I will test the internal cache functions of the API').waitFor()
    for (const name of ['defaultRoom', 'otherRoom']) await list(page).getByRole('link', { name }).waitFor()
    for (const document of ['openapi.json', 'asyncapi.json']) {
      const target = await list(page).getByRole('link', { name: document }).getAttribute('href')
      const found = await fetch(new URL(target, page.url()))
      assert.equal(found.status, 200)
      assert.ok((await found.json()).info.title)
    }
    await picture(page, 'explorer-overview')
    await shut(page)
  })

  test('the search finds by name, description and input, and says when nothing fits', async () => {
    const page = await explore()
    const search = page.getByRole('searchbox', { name: 'Search actions and rooms' })
    const names = () => list(page).locator('.name').allTextContents()
    await search.fill('CACHE')
    assert.deepEqual(await names(), ['cacheTest'])
    await search.fill('sleepDuration')
    assert.deepEqual(await names(), ['sleepTest'])
    await search.fill('otherR')
    assert.deepEqual(await names(), ['otherRoom'])
    await search.fill('no such thing')
    await page.getByText('Nothing fits “no such thing”. Escape empties the search.').waitFor()
    await search.press('Escape')
    assert.ok((await names()).length > 8)
    await shut(page)
  })

  test('each page has an address, also an older version, and a wrong one is told as such', async () => {
    const page = await exploreToys('#/actions/place/1')
    await page.getByText('As it was.').last().waitFor()
    await page.getByText('there is a newer version').waitFor()
    await page.goto(`${demo.url}/explorer/#/rooms/attic`)
    await page.getByRole('heading', { name: 'attic' }).waitFor()
    assert.match(await page.title(), /^attic · toys/)
    await page.goto(`${demo.url}/explorer/#/actions/gone`)
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'attic' }).waitFor()
    await shut(page)
  })

  test('a description is shown as it was meant', async () => {
    const page = await exploreToys('#/actions/place')
    const prose = page.locator('.page-head .prose')
    assert.deepEqual(await prose.locator('li').allTextContents(), ['one', 'two'])
    assert.equal(await prose.locator('p code').textContent(), 'length')
    assert.equal(await prose.locator('pre').textContent(), 'place x=1')
    const form = await page.getByRole('region', { name: 'The form of the answer' }).textContent()
    assert.equal(form, '{\n  // From the left.\n  at: number\n  seen?: boolean | null\n  next?: Placed\n}')
    await page.getByRole('heading', { name: 'What it refuses with' }).waitFor()
    await page.getByText('taken', { exact: true }).waitFor()
    await shut(page)
  })

  test('without a manifest it says what to do, and tries again', async () => {
    const page = await blank({ quiet: true })
    await page.route('**/explorer/manifest.json', route => route.fulfill({ status: 503, body: '' }), { times: 1 })
    await page.goto(`${demo.url}/explorer/`)
    await page.getByText('the server answered 503').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await ready(page)
    await shut(page)
  })
})

describe('inputs', () => {
  test('fields suit their forms, and say what they want', async () => {
    const page = await exploreToys('#/actions/place')
    const says = name => field(page, name).evaluate(node => node.closest('.field').textContent)
    assert.match(await says('point'), /required.*Where it stands\..*an object/)
    assert.match(await says('name'), /required.*text, 1 to 50 characters/)
    assert.match(await says('times'), /optional.*a whole number, at least 1, less than 10.*default 2/)
    assert.match(await says('tags'), /a list, at most 4 elements/)
    assert.match(await says('note'), /the application reads it itself/)
    assert.equal(await field(page, 'times').getAttribute('placeholder'), '2')
    assert.deepEqual(await field(page, 'color').locator('option').allTextContents(), ['not given', 'red', 'green'])
    assert.deepEqual(await field(page, 'loud').locator('option').allTextContents(), ['not given', 'true', 'false'])
    await picture(page, 'explorer-inputs')
    await shut(page)
  })

  test('what was filled in travels as its form says, what was not is left out', async () => {
    const page = await exploreToys('#/actions/place')
    const sent = []
    await page.route('**/api/place', route => {
      sent.push(route.request().postDataJSON())
      return route.fulfill({ json: { at: 1 } })
    })
    await field(page, 'point').fill('{ "x": 1 }')
    await field(page, 'name').fill('12')
    await field(page, 'times').fill('3')
    await field(page, 'color').selectOption('red')
    await field(page, 'loud').selectOption('false')
    await field(page, 'anything').fill('[1]')
    await run(page, 'HTTP POST')
    await answer(page).getByText('"at"').waitFor()
    assert.deepEqual(sent, [{ point: { x: 1 }, name: '12', times: 3, color: 'red', loud: false, anything: [1] }])
    await field(page, 'times').fill('many')
    await run(page)
    await page.getByText('200').first().waitFor()
    assert.equal(sent.at(-1).times, 'many', 'the server’s own refusal can be seen')
    await choose(page, 'quiet')
    await choose(page, 'place')
    assert.equal(await field(page, 'point').inputValue(), '{ "x": 1 }', 'it is kept while one looks elsewhere')
    await shut(page)
  })

  test('what is no JSON is told at its field, and nothing is sent', async () => {
    const page = await exploreToys('#/actions/place')
    await page.route('**/api/place', () => assert.fail('it was sent'))
    await field(page, 'point').fill('{ x: 1 }')
    await run(page)
    await page.getByText(/^This must be JSON, such as \{\}/).waitFor()
    assert.equal(await field(page, 'point').getAttribute('aria-invalid'), 'true')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'input-point')
    await shut(page)
  })

  test('an older version is asked for by its number', async () => {
    const page = await exploreToys('#/actions/place/1')
    const asked = page.waitForRequest('**/api/place')
    await page.route('**/api/place', route => route.fulfill({ json: {} }))
    await run(page, 'HTTP POST')
    assert.deepEqual((await asked).postDataJSON(), { apiVersion: 1 })
    await shut(page)
  })
})

describe('running', () => {
  for (const way of ['HTTP POST', 'HTTP GET', 'Websocket']) {
    test(`over ${way}`, async () => {
      const page = await explore('#/actions/cacheTest')
      await field(page, 'key').fill('curtain & call')
      await field(page, 'value').fill('réd')
      await run(page, way)
      await answer(page).getByText('"cacheTest_curtain & call"').waitFor()
      await page.getByText(way === 'Websocket' ? 'OK' : '200 OK', { exact: true }).waitFor()
      await page.getByText(/^\d+(\.\d)? ms · \d+ B$/).waitFor()
      if (way === 'Websocket') await picture(page, 'explorer-answer')
      await shut(page)
    })

    test(`a refusal over ${way} stands at its field`, async () => {
      const page = await explore('#/actions/cacheTest')
      await field(page, 'key').fill('abc')
      await run(page, way)
      await page.getByText('missing_param', { exact: true }).first().waitFor()
      await page.locator('#input-value-error').getByText('value is a required parameter for this action').waitFor()
      assert.equal(await field(page, 'value').getAttribute('aria-invalid'), 'true')
      assert.equal(await field(page, 'key').getAttribute('aria-invalid'), null)
      await field(page, 'value').fill('x')
      assert.equal(await field(page, 'value').getAttribute('aria-invalid'), null)
      expectRefusal(page, 422)
      await shut(page)
    })
  }

  test('what an action does not support can’t be chosen, and why is said', async () => {
    const page = await exploreToys('#/actions/quiet')
    assert.ok(await page.getByRole('radio', { name: 'HTTP POST' }).isDisabled())
    assert.ok(await page.getByRole('radio', { name: 'Websocket' }).isChecked())
    await page.getByText('Not over HTTP POST or HTTP GET: this action does not support HTTP.').waitFor()
    await choose(page, 'loud')
    assert.ok(await page.getByRole('radio', { name: 'Websocket' }).isDisabled())
    await page.getByText('Not over Websocket: this action does not support websockets.').waitFor()
    await shut(page)
  })

  test('an application without a websocket is explored over HTTP', async () => {
    const page = await withManifest(await blank(), toys({ places: { api: '/api', primus: null, client: null } }))
    await page.goto(`${demo.url}/explorer/#/actions/place`)
    await page.getByText('Not over Websocket: this application serves no websocket.').waitFor()
    await page.getByRole('link', { name: 'no websocket' }).click()
    await page.getByText('This application serves no websocket').waitFor()
    await shut(page)
  })

  test('what is no JSON can be read or saved', async () => {
    const page = await exploreToys('#/actions/loud')
    const answers = [{ contentType: 'text/plain', body: 'plain words' }, { contentType: 'image/png', body: Buffer.from([1, 2, 3]) }]
    await page.route('**/api/loud', route => route.fulfill(answers.shift()))
    await run(page)
    await answer(page).getByText('plain words').waitFor()
    await run(page)
    await page.getByText('A file of type image/png.').waitFor()
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Save it' }).click()
    assert.equal((await saved).suggestedFilename(), 'loud.png')
    await shut(page)
  })

  test('a server that is gone is told as such', async () => {
    const page = await explore('#/actions/status', { quiet: true })
    await page.route('**/api/status', route => route.abort())
    await run(page, 'HTTP POST')
    await page.locator('.answer').getByText('The server can’t be reached.').waitFor()
    await shut(page)
  })
})

test('an answer is copied as it came', async () => {
  const came = '{"n": 12345678901234567890}'
  const page = await explore('#/actions/status', { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.route('**/api/status', route => route.fulfill({ contentType: 'application/json', body: came }))
  await run(page, 'HTTP POST')
  await page.getByRole('button', { name: 'Copy the answer' }).click()
  await page.getByText('Copied', { exact: true }).waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), came)
  await shut(page)
})

describe('the same from elsewhere', () => {
  test('the line for curl does the same', async () => {
    const page = await explore('#/actions/cacheTest', { permissions: ['clipboard-read', 'clipboard-write'] })
    await field(page, 'key').fill("it's $HOME `x`")
    await field(page, 'value').fill('"quoted" \\ é')
    for (const way of ['HTTP POST', 'HTTP GET']) {
      await page.getByRole('radio', { name: way }).check()
      await page.getByRole('button', { name: 'Copy the call as curl' }).click()
      await page.getByText('Copied', { exact: true }).waitFor()
      const line = await page.evaluate(() => navigator.clipboard.readText())
      const { cacheTestResults } = JSON.parse(execFileSync('sh', ['-c', `${line} -s`], { encoding: 'utf8' }))
      assert.equal(cacheTestResults.loadResp.key, "cacheTest_it's $HOME `x`")
      assert.equal(cacheTestResults.loadResp.value, '"quoted" \\ é')
      await page.getByRole('button', { name: 'Copy the call as curl' }).getByText('Copy', { exact: true }).waitFor()
    }
    await shut(page)
  })

  test('the program for the browser does the same', async () => {
    const page = await explore('#/actions/cacheTest')
    await field(page, 'key').fill("it's")
    await field(page, 'value').fill('"red"')
    const program = await page.getByRole('region', { name: 'The call with the client in JavaScript' }).textContent()
    const [, script] = /<script src="([^"]+)">/.exec(program)
    await page.addScriptTag({ url: script })
    const answered = await page.evaluate(`(async () => { ${program}\n client.disconnect(); return answer })()`)
    assert.equal(answered.cacheTestResults.loadResp.key, "cacheTest_it's")
    await shut(page)
  })
})

describe('what a server says is text, never markup', () => {
  const clean = async page => {
    assert.equal(await page.locator('main img, main script, main b, #browse img, #browse b, #wire img, #wire b').count(), 0)
    assert.doesNotMatch(await page.title(), /^[12]$/)
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
  }

  test('on every page', async () => {
    const page = await exploreToys('', nastyToys())
    await page.getByText(NASTY).first().waitFor()
    await clean(page)
    await page.route('**/api/nasty', route => route.fulfill({ status: 400, json: { error: NASTY, [NASTY]: NASTY }, headers: { 'x-error-code': NASTY } }))
    await page.goto(`${demo.url}/explorer/#/actions/nasty`)
    await run(page, 'HTTP POST')
    await answer(page).getByText('onerror').first().waitFor()
    await clean(page)
    await page.goto(`${demo.url}/explorer/#/rooms/${encodeURIComponent(NASTY)}`)
    await page.getByRole('heading', { name: NASTY }).waitFor()
    await clean(page)
    await page.goto(`${demo.url}/explorer/#/actions/${encodeURIComponent(NASTY)}/7`)
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await clean(page)
    expectRefusal(page, 400)
    await shut(page)
  })

  test('in rooms and frames', async () => {
    const page = await explore('#/rooms/defaultRoom')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.getByRole('textbox', { name: 'Say in defaultRoom' }).fill(NASTY)
    await page.getByRole('textbox', { name: 'Say in defaultRoom' }).press('Enter')
    await page.getByRole('log').getByText(NASTY, { exact: true }).waitFor()
    await page.locator('#frames').getByText('said in defaultRoom').click()
    await clean(page)
    await shut(page)
  })
})
