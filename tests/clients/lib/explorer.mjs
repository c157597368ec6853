// The explorer, as a person uses it.

/** Waits until it is connected. */
export async function ready (page) {
  await page.getByRole('link', { name: 'connected', exact: true }).waitFor()
  return page
}

/** Opens an action from the list. */
export async function choose (page, name) {
  await page.getByRole('navigation', { name: 'Actions and rooms' }).getByRole('link', { name: new RegExp(`^${name}( |$)`) }).first().click()
  await page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
}

export const field = (page, name) => page.getByRole('main').getByLabel(name, { exact: true })
export const answer = page => page.getByRole('region', { name: 'Answer', exact: true }).locator('pre')
export const frames = page => page.getByRole('list', { name: 'Frames, the newest last' })

export async function run (page, way) {
  if (way) await page.getByRole('radio', { name: way }).check()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
}

/** Answers for the server what it has no such thing for. */
export async function withManifest (page, manifest) {
  await page.route('**/explorer/manifest.json', route => route.fulfill({ json: manifest }))
  return page
}
