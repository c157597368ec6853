// Pages of the book: their programs and requests, to be run as they stand there.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './demo.mjs'
import { within } from './wait.mjs'

/** What the book has for an address. */
const ADDRESS = 'localhost:8080'

/** The blocks of a page, in order: language and text. */
export function blocksOf (page) {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }))
}

/** The blocks of one language, each with the text of the block that follows it: what it is said to give. */
export function pairsOf (page, language, answer) {
  const blocks = blocksOf(page)
  return blocks.flatMap((block, nth) => {
    const next = blocks[nth + 1]
    return block.language === language && next?.language === answer ? [{ text: block.text, gives: next.text }] : []
  })
}

/** Runs a page's program for node, with that package in the place of `rivetkit`; all that it printed. */
export async function printed (server, text, rivetkit) {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-page-'))
  const program = text.replaceAll(ADDRESS, server.host)
    .replace(/'rivetkit\/client'/, () => `'${import.meta.resolve(`${rivetkit}/client`)}'`)
  writeFileSync(join(folder, 'page.mjs'), program)
  const child = spawn(process.execPath, [join(folder, 'page.mjs')], { env: { ...process.env, LOG_LEVEL: 'silent' } })
  try {
    const out = Promise.all([child.stdout, child.stderr].map(stream => stream.setEncoding('utf8').toArray()))
    const [said, complained] = await within(10_000, `an end of\n${program}`, out)
    return said.join('') + complained.join('')
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The requests of a block, a line each: `curl -X PUT localhost:8080/actors -d '{..}'`. */
export function requestsOf (text) {
  return text.trim().split('\n').map(line => {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare)
    if (words.shift() !== 'curl') throw new Error(`no request: ${line}`)
    const asked = { headers: {} }
    while (words.length) take(words, asked)
    return asked
  })
}

function take (words, asked) {
  const word = words.shift()
  if (word === '-X') asked.method = words.shift()
  else if (word === '-d') asked.body = words.shift()
  else if (word === '-H') {
    const [, name, value] = /^([^:]*): *(.*)$/.exec(words.shift())
    asked.headers[name] = value
  } else asked.path = word.slice(word.indexOf(ADDRESS) + ADDRESS.length)
}
