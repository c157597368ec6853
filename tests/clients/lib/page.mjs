// The chat page, as a person uses it.

import { chromium } from 'playwright-core'

/** The browser of the machine, or the one that CHROMIUM names. */
export function launchBrowser () {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync']
  })
}

/** Waits until the page says that it is connected, and gives a name. */
export async function enter (page, name, state = 'connected') {
  await page.getByText(state, { exact: true }).waitFor()
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Your name').blur()
  return page
}

export async function say (page, text) {
  await page.getByRole('textbox', { name: /^Message to/ }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

export const sees = (page, text) => page.getByRole('log').getByText(text, { exact: true }).waitFor()
