// What happens in the explorer by itself: frames both ways, rooms and who is in them, a connection that goes and comes.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, connect } from '../lib/client.mjs'
import { launch, startDemo, useDemo } from '../lib/demo.mjs'
import { frames, ready, run } from '../lib/explorer.mjs'
import { picture, shut, useBrowser } from '../lib/look.mjs'
import { until } from '../lib/wait.mjs'

const demo = useDemo()
const { open } = useBrowser(demo)

const explore = async (hash = '', options) => ready(await open(`/explorer/${hash}`, options))
const wire = page => page.getByRole('region', { name: 'Wire' })
const heard = page => page.getByRole('log')

async function join (page) {
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.getByRole('button', { name: 'Leave', exact: true }).waitFor()
}

async function saysInto (page, text) {
  await page.getByRole('textbox', { name: /^Say in/ }).fill(text)
  await page.getByRole('button', { name: 'Say', exact: true }).click()
}

/** Somebody else, with the stock client, in a room. */
async function guest (room, server = demo) {
  const client = await connect(server.url)
  await ask(client, 'roomAdd', room)
  return client
}

// The wire stands beside the page only where there is room for it.
const WIDE = { viewport: { width: 1440, height: 900 } }

describe('the wire', () => {
  test('shows frames both ways, as they travel; each can be opened', async () => {
    const page = await explore('#/actions/randomNumber', WIDE)
    await run(page, 'Websocket')
    const sent = frames(page).getByRole('listitem').filter({ hasText: 'action randomNumber' })
    await sent.filter({ hasText: 'sent' }).getByText(/"event":"action","params":\{"action":"randomNumber"\}/).waitFor()
    const reply = frames(page).getByRole('listitem').filter({ hasText: 'received' }).filter({ hasText: 'stringRandomNumber' })
    await reply.locator('summary').click()
    await reply.locator('pre').getByText('"randomNumber"', { exact: true }).waitFor()
    await run(page, 'HTTP GET')
    await frames(page).getByText('GET /api/randomNumber').waitFor()
    await frames(page).getByText('200 randomNumber').waitFor()
    await shut(page)
  })

  test('can be filtered, paused and cleared', async () => {
    const page = await explore('#/actions/status', WIDE)
    const shown = () => frames(page).locator('li:has(details)').count()
    await until('the first frames are here', async () => await shown() >= 3)
    await wire(page).getByLabel('Filter frames by text').fill('welcome')
    assert.equal(await shown(), 1)
    await wire(page).getByText(/hidden by the filter/).waitFor()
    await wire(page).getByLabel('Filter frames by text').fill('no such words')
    await wire(page).getByText('Nothing that was kept fits the filter.').waitFor()
    await wire(page).getByLabel('Filter frames by text').fill('')
    await wire(page).getByLabel('Direction').selectOption('sent')
    assert.equal(await frames(page).locator('li.in').count(), 0)
    assert.notEqual(await frames(page).locator('li.out').count(), 0)
    await wire(page).getByLabel('Direction').selectOption('both ways')

    await wire(page).getByRole('button', { name: 'Pause' }).click()
    const before = await shown()
    await run(page, 'Websocket')
    await wire(page).getByText('Paused; 2 came meanwhile.').waitFor()
    assert.equal(await shown(), before)
    await wire(page).getByRole('button', { name: 'Resume' }).click()
    assert.equal(await shown(), before + 2)
    await wire(page).getByRole('button', { name: 'Clear' }).click()
    await wire(page).getByText('Nothing has travelled yet.').waitFor()
    await shut(page)
  })

  test('heartbeats are there for who wants to see them', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: '200' })
    const page = await explore('', { ...WIDE, server })
    await wire(page).getByText(/[2-9] hidden by the filter/).waitFor()
    await wire(page).getByLabel('heartbeats').check()
    await frames(page).getByText('ping', { exact: true }).first().waitFor()
    await frames(page).getByText('pong', { exact: true }).first().waitFor()
    await shut(page)
    await server.stop()
  })

  test('keeps the last 500 frames, however many come', async () => {
    const page = await explore('#/rooms/otherRoom', WIDE)
    await join(page)
    const other = await guest('otherRoom')
    for (let n = 1; n <= 700; n++) other.say('otherRoom', `line ${n}`, () => {})
    await frames(page).getByText('"line 700"').waitFor()
    await wire(page).getByText('The last 500 are kept.').waitFor()
    assert.ok(await frames(page).locator('li').count() <= 500)
    const { bottom, height } = await frames(page).evaluate(node => ({ bottom: node.scrollTop + node.clientHeight, height: node.scrollHeight }))
    assert.ok(height - bottom < 2, 'the newest is on the screen')
    await heard(page).getByText('line 700', { exact: true }).waitFor()
    assert.equal(await heard(page).locator('time').count(), 200)
    await shut(page)
  })
})

describe('rooms', () => {
  test('what is said is heard, by all who are in it', async () => {
    const page = await explore('#/rooms/defaultRoom', WIDE)
    await page.getByText('Join the room to see who is in it.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Say', exact: true }).isDisabled())
    await join(page)
    await page.getByText('One connection is here.').waitFor()
    const other = await guest('defaultRoom')
    const listening = new Promise(resolve => other.on('say', resolve))
    await saysInto(page, 'Good evening')
    assert.equal((await listening).message, 'Good evening')
    await heard(page).getByText('Good evening', { exact: true }).waitFor()
    await heard(page).getByText('you', { exact: true }).waitFor()
    await ask(other, 'say', 'defaultRoom', 'And to you')
    await heard(page).getByText('And to you', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByText('2 connections are here.').waitFor()
    await page.getByText(other.id).last().waitFor()
    await picture(page, 'explorer-room')

    await page.getByRole('link', { name: /^otherRoom/ }).click()
    await page.getByRole('heading', { name: 'otherRoom' }).waitFor()
    await ask(other, 'say', 'defaultRoom', 'Are you there?')
    await page.getByLabel('1 unheard').waitFor()
    await page.getByRole('link', { name: /^defaultRoom/ }).click()
    await heard(page).getByText('Are you there?', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Leave', exact: true }).click()
    await page.getByRole('button', { name: 'Join', exact: true }).waitFor()
    const { data } = await ask(other, 'roomView', 'defaultRoom')
    assert.equal(data.membersCount, 1)
    await shut(page)
  })

  test('any room can be asked for; what the server refuses is told', async () => {
    const page = await explore('', WIDE)
    await page.getByLabel('Name of another room').fill('Foyer é')
    await page.getByRole('button', { name: 'Go' }).click()
    await page.getByRole('heading', { name: 'Foyer é' }).waitFor()
    await page.getByRole('button', { name: 'Join', exact: true }).click()
    await page.getByRole('alert').getByText('The server refused: room does not exist.').waitFor()
    const other = await connect(demo.url)
    await ask(other, 'action', 'createChatRoom', { name: 'Foyer é' })
    await join(page)
    assert.equal(await page.getByRole('alert').isVisible(), false)
    await page.getByText('One connection is here.').waitFor()
    await shut(page)
  })
})

describe('the connection', () => {
  test('is ended and begun by hand', async () => {
    const page = await explore('#/connection', WIDE)
    await page.getByText('Connected.', { exact: true }).first().waitFor()
    await page.locator('.facts').getByText(/^[0-9a-f]{8}-[0-9a-f-]{27}$/).waitFor()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('link', { name: 'disconnected' }).waitFor()
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Connect', 'the focus stays where it was')
    await page.goto(`${demo.url}/explorer/#/actions/status`)
    await run(page, 'Websocket')
    await page.getByText(/^Not connected: connect first/).waitFor()
    await page.goto(`${demo.url}/explorer/#/connection`)
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    await ready(page)
    await shut(page)
  })

  test('is broken, and comes back as a new one in the same rooms', async () => {
    const page = await explore('#/rooms/defaultRoom', WIDE)
    await join(page)
    await page.goto(`${demo.url}/explorer/#/connection`)
    const id = page.locator('.facts').getByText(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    const first = await id.textContent()
    await page.getByRole('button', { name: 'Break the line' }).click()
    await page.getByText('Connected, for the 2nd time.').waitFor()
    await page.getByText('defaultRoom', { exact: true }).last().waitFor()
    assert.notEqual(await id.textContent(), first)
    await frames(page).getByText('Connected again: to the server this is a new connection, in no room.').waitFor()
    await picture(page, 'explorer-connection')
    await page.goto(`${demo.url}/explorer/#/rooms/defaultRoom`)
    await heard(page).getByText(/Joined again by a new connection/).waitFor()
    const other = await guest('defaultRoom')
    await ask(other, 'say', 'defaultRoom', 'Welcome back')
    await heard(page).getByText('Welcome back', { exact: true }).waitFor()
    await shut(page)
  })

  test('comes back to a server that was gone', async () => {
    const first = await startDemo()
    const page = await explore('#/actions/status', { ...WIDE, server: first, quiet: true })
    await first.kill()
    await page.getByRole('link', { name: /^lost, back in/ }).waitFor()
    await run(page, 'Websocket')
    await page.getByText(/^Not connected/).waitFor()
    await picture(page, 'explorer-lost')
    const second = await launch({ env: { PORT: String(first.port) } }).listening()
    try {
      await until('it is back', async () => await page.getByRole('link', { name: 'connected', exact: true }).count() > 0, 20_000)
      await run(page, 'Websocket')
      await page.getByText('OK', { exact: true }).waitFor()
      await shut(page)
    } finally {
      await second.stop()
    }
  })

  test('stays away when the server ends it on purpose', async () => {
    const server = await startDemo({ PLAYHOUSE_WEBSOCKET__DESTROY_CLIENTS_ON_SHUTDOWN: 'true' })
    const page = await explore('#/connection', { ...WIDE, server, quiet: true })
    await server.stop()
    await page.getByRole('link', { name: 'ended by the server' }).waitFor()
    await page.getByText('The server ended the connection on purpose.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Connect', exact: true }).isVisible())
    await shut(page)
  })
})
