// Windows of the browser, and what is looked at in them: nothing wider than the window, everything readable, no fault
// that axe finds. Pictures are taken where SCREENSHOTS names a folder.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { launchBrowser } from './page.mjs'

const axe = createRequire(import.meta.url)('axe-core')

export const DESK = { width: 1200, height: 800 }
export const PHONE = { width: 390, height: 844 }
let pictures = 0

/** A browser for the tests of this file: gives `open`, which gives windows to pages of the server. */
export function useBrowser (demo) {
  const handle = {}
  before(async () => {
    await demo.ready
    handle.browser = await launchBrowser()
  })
  after(() => handle.browser?.close())
  /** A window of its own person: own cookies, own storage. Errors of the page fail the test. */
  handle.open = async (path, options) => {
    const page = await blank(handle.browser, options)
    await page.goto((options?.server ?? demo).url + path)
    return page
  }
  /** One that has not gone anywhere yet. */
  handle.blank = options => blank(handle.browser, options)
  return handle
}

async function blank (browser, { viewport = DESK, colorScheme = 'light', server, quiet = false, ...options } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  page.faults = []
  page.on('pageerror', error => page.faults.push(error.message))
  page.on('console', message => { if (message.type() === 'error' && !quiet) page.faults.push(message.text()) })
  page.on('request', request => {
    if (!/^(data:|blob:|http:\/\/127[\d.]+:)/.test(request.url())) page.faults.push(`foreign request ${request.url()}`)
  })
  return page
}

/** Closes windows in which nothing went wrong. */
export async function shut (...pages) {
  for (const page of pages) {
    assert.deepEqual(page.faults, [])
    await page.context().close()
  }
}

/** The browser itself reports a refusal on its console; this one was expected. */
export function expectRefusal (page, status) {
  page.faults = page.faults.filter(fault => !fault.includes(`status of ${status}`))
}

export async function picture (page, name, options) {
  const folder = process.env.SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${String(++pictures).padStart(2, '0')}-${name}.png`), ...options })
}

/** Nothing may be wider than the window. */
export async function fits (page) {
  const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: innerWidth }))
  assert.ok(wide <= width, `the page is ${wide} wide in a window of ${width}`)
}

/** The least contrast between a text and what is behind it, as WCAG counts it. */
function contrast (page) {
  return page.evaluate(() => {
    const parse = text => (text.match(/[\d.]+/g) ?? []).map(Number)
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0)
    const behind = node => {
      for (let at = node; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor)
        if (colour.length === 3 || colour[3] > 0.99) return colour
      }
      return [255, 255, 255]
    }
    let least = { ratio: 21 }
    for (const node of document.querySelectorAll('body *')) {
      const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())
      if (!own || !node.checkVisibility() || node.disabled || node.closest('.skip, .unseen')) continue
      const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < least.ratio) least = { ratio, text: node.textContent.trim().slice(0, 40), class: node.className }
    }
    return least
  })
}

export async function readable (page) {
  const least = await contrast(page)
  assert.ok(least.ratio >= 4.5, `contrast ${JSON.stringify(least)}`)
}

/** axe finds nothing serious in it. */
export async function accessible (page, where) {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`), [], where)
}
