// Two windows on two nodes, as two people see them who were led to different machines.
//
//   CHROMIUM      path of the browser, default /usr/bin/chromium
//   SCREENSHOTS   folder for pictures of what was seen; none are taken without it

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { done, useCluster } from '../lib/cluster.mjs'
import { enter, launchBrowser, say, sees } from '../lib/page.mjs'
import { until } from '../lib/wait.mjs'

const cluster = useCluster(2, { app: 'demo', timeout: 500 })
let browser

before(async () => {
  await cluster.ready
  browser = await launchBrowser()
})

after(() => browser?.close())

async function chat (name, node) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.goto(`${node.url}/chat.html`)
  return enter(page, name)
}

async function picture (page, name) {
  const folder = process.env.SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `machines-${name}.png`) })
}

async function isWell (node) {
  const { problems } = await done(node, 'status')
  return !problems.join().includes('redis')
}

test('they chat; without Redis a message is not said and stays to be sent again; then they chat again', async () => {
  const [ann, ben] = await Promise.all([chat('Ann', cluster.nodes[0]), chat('Ben', cluster.nodes[1])])
  await say(ann, 'Is anybody over there?')
  await sees(ben, 'Is anybody over there?')
  await say(ben, 'Yes, on the other machine.')
  await sees(ann, 'Yes, on the other machine.')
  await ann.getByText('2 people are here').waitFor()
  await picture(ann, 'chat')
  await cluster.redis.kill()
  await say(ann, 'And now?')
  await ann.getByText(/nothing was done, try again/).waitFor()
  await picture(ann, 'away')
  await cluster.redis.begin()
  for (const node of cluster.nodes) await until('it has found Redis again', () => isWell(node), 10_000)
  await ann.getByRole('button', { name: 'Send' }).click()
  await sees(ben, 'And now?')
  await picture(ben, 'back')
})
