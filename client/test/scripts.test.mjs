// The files of dist/ in the places where they are loaded: a page, node, a server that writes its settings in,
// a plugin that is appended.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { build } from 'esbuild'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commonJs, page, path, script } from './lib/page.mjs'

const require = createRequire(import.meta.url)
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const CLASSIC = ['actionhero.js', 'actionhero.min.js', 'primus.js', 'primus.min.js']

test('dist is what the sources make', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'playhouse-client-'))
  try {
    execFileSync(process.execPath, [`${ROOT}build.mjs`, fresh], { stdio: 'ignore' })
    assert.deepEqual(readdirSync(fresh).sort(), readdirSync(path('')).sort())
    for (const name of readdirSync(fresh)) {
      assert.equal(readFileSync(join(fresh, name), 'utf8'), readFileSync(path(name), 'utf8'), `run \`npm run build\`: ${name} is old`)
    }
  } finally {
    rmSync(fresh, { recursive: true })
  }
})

test('the version is that of the house', () => {
  const [, house] = /^version = "(.*)"/m.exec(readFileSync(`${ROOT}../Cargo.toml`, 'utf8'))
  assert.equal(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).version, house)
})

for (const name of CLASSIC) {
  test(`${name} has one place for a server's settings`, () => {
    assert.equal(script(name).split('"%%COMPILED%%"').length, 2)
    assert.equal(script(name).split('%%').length, 3)
  })
}

for (const end of ['js', 'min.js']) {
  describe(`as classic scripts (.${end})`, () => {
    test('a page gets the globals', () => {
      const { ActionheroWebsocketClient, ActionheroClient, Primus } = page([script(`actionhero.${end}`)])
      assert.equal(ActionheroWebsocketClient, ActionheroClient)
      assert.equal(typeof Primus.connect, 'function')
      assert.equal(typeof page([script(`primus.${end}`)]).Primus.connect, 'function')
    })

    test('a Primus that is there already stays', () => {
      const own = () => {}
      assert.equal(page([script(`actionhero.${end}`)], { Primus: own }).Primus, own)
    })

    test('node gets module.exports', () => {
      const Client = commonJs(script(`actionhero.${end}`))
      assert.equal(Client, Client.ActionheroWebsocketClient)
      assert.equal(Client, Client.ActionheroClient)
      assert.equal(new Client({ url: 'http://127.0.0.1' }).state, 'disconnected')
      const Primus = commonJs(script(`primus.${end}`))
      assert.equal(Primus, Primus.Primus)
    })

    test('nothing is asked of a place but timers and URL', () => {
      for (const name of ['actionhero', 'primus']) {
        const bare = page([script(`${name}.${end}`)], { WebSocket: undefined, console: undefined })
        const primus = new bare.Primus('http://127.0.0.1:1', { manual: true })
        let error
        primus.on('error', e => { error = e })
        primus.open()
        assert.match(error.message, /There is no WebSocket here/)
      }
    })

    test('plugins that are appended are called for each client', () => {
      const append = '\nPrimus.prototype.ark.greeter = function (primus, options) { primus.hello = options.word }\n'
      const word = { manual: true, word: 'hi' }
      for (const name of ['actionhero', 'primus']) {
        const { Primus } = page([script(`${name}.${end}`, { append })])
        assert.equal(new Primus('http://127.0.0.1', word).hello, 'hi')
        assert.equal(typeof Primus.connect('http://127.0.0.1', word).plugin('greeter'), 'function')
        const exported = commonJs(script(`${name}.${end}`, { append }))
        assert.equal(new exported.Primus('http://127.0.0.1', word).hello, 'hi')
      }
    })
  })
}

describe('what a server writes in', () => {
  const compiled = `{ url: function () { return 'http://' + 'compiled.test:81' }, apiPath: '/v2', cookieKey: 'sid', pathname: '/live',
    authorization: true, pingTimeout: 7000, timeout: 8000, reconnect: { min: 1, max: null, retries: 3, factor: 4, timeout: 5 },
    strategy: ['disconnect'], manual: true, websockets: true, network: false, queueSize: null, version: '9.9.9' }`
  const Client = commonJs(script('actionhero.min.js', { compiled }))

  test('holds', () => {
    const { options } = new Client()
    assert.deepEqual([options.url, options.apiPath, options.cookieKey], ['http://compiled.test:81', '/v2', 'sid'])
    const primus = new Client.Primus()
    assert.equal(primus.url.host, 'compiled.test:81')
    const { pathname, pingTimeout, timeout, strategy, manual, network, queueSize, reconnect } = primus.options
    assert.deepEqual({ pathname, pingTimeout, timeout, strategy, manual, network, queueSize, reconnect }, {
      pathname: '/live', pingTimeout: 7000, timeout: 8000, strategy: 'disconnect', manual: true, network: false,
      queueSize: Infinity, reconnect: { min: 1, max: Infinity, retries: 3, factor: 4, timeout: 5 }
    })
    assert.match(primus.uri({}), /^ws:\/\/compiled\.test:81\/live\?_primuscb=\w+&_playhouse=\d/)
  })

  test('but what the page says wins', () => {
    assert.equal(new Client({ url: 'http://page.test', apiPath: '/p' }).options.url, 'http://page.test')
    const { options } = new Client.Primus('http://page.test', {
      strategy: 'online, timeout', queueSize: 5, pingTimeout: false, timeout: '2 s', reconnect: { retries: 1, 'reconnect timeout': '3 s' }
    })
    assert.deepEqual([options.strategy, options.queueSize, options.pingTimeout, options.timeout], ['online,timeout', 5, 0, 2000])
    assert.deepEqual(options.reconnect, { min: 1, max: Infinity, retries: 1, factor: 4, timeout: 3000 })
  })

  test('an address that only a page could tell is the default elsewhere', () => {
    const text = script('primus.js', { compiled: '{ url: function () { return window.location.origin } }' })
    assert.equal(new (commonJs(text))({ manual: true }).url.href, 'http://127.0.0.1/')
    const location = { origin: 'https://page.test', protocol: 'https:', host: 'page.test' }
    const { Primus } = page([text], { location })
    assert.match(new Primus({ manual: true }).uri({}), /^wss:\/\/page\.test\/primus\?/)
  })

  test('with authorization a refusal is not tried again', () => {
    const of = authorization => new (commonJs(script('primus.js', { compiled: `{ authorization: ${authorization} }` })))({ manual: true })
    assert.equal(of(true).options.strategy, 'disconnect,online')
    assert.equal(of(false).options.strategy, 'disconnect,online,timeout')
  })
})

describe('addresses', () => {
  const Primus = commonJs(script('primus.js'))
  const uri = address => new Primus(address, { manual: true }).uri({}).replace(/_primuscb=.*$/, '')
  const cases = {
    'http://h:8080': 'ws://h:8080/primus?',
    'https://h/some/path?a=1&b=2#c': 'wss://h/primus?a=1&b=2&',
    'wss://h': 'wss://h/primus?',
    'http://u:p@h': 'ws://u:p@h/primus?',
    'h:8080': 'ws://h:8080/primus?',
    '/': 'ws://127.0.0.1/primus?'
  }
  for (const [given, expected] of Object.entries(cases)) {
    test(given, () => assert.equal(uri(given), expected))
  }

  test('plugins may change them', () => {
    const primus = new Primus('http://h', { manual: true })
    primus.on('outgoing::url', parts => { parts.query += '&token=t' })
    assert.match(primus.uri({}), /&token=t$/)
  })
})

test('the options of Primus 6 are translated, and it is said once', () => {
  const said = []
  const Primus = page([script('primus.js')], { console: { warn: text => said.push(text) } }).Primus
  for (let n = 0; n < 3; n++) {
    assert.equal(new Primus('http://h', { manual: true, ping: 10_000, pong: 5_000 }).options.pingTimeout, 30_000)
  }
  assert.equal(said.length, 2)
  assert.ok(said.some(text => /`pong` has no effect/.test(text)) && said.some(text => /`pingTimeout`/.test(text)))
})

test('a bundler takes the folder as a package, and a page runs what it makes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-bundle-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/playhouse-client'))
    const uses = {
      'import.mjs': 'import Client, { Primus } from "playhouse-client"; made([new Client({ url: "http://h" }).state, Primus.version])',
      'require.cjs': 'const { ActionheroClient, Primus } = require("playhouse-client"); made([new ActionheroClient({ url: "http://h" }).state, Primus.version])'
    }
    for (const [name, text] of Object.entries(uses)) {
      writeFileSync(join(folder, name), text)
      const { outputFiles, warnings } = await build({
        entryPoints: [join(folder, name)], bundle: true, minify: true, write: false, platform: 'browser', target: 'es2017', logLevel: 'silent'
      })
      let made
      page([outputFiles[0].text], { made: value => { made = Array.from(value) } })
      assert.equal(made[0], 'disconnected')
      assert.deepEqual(warnings.filter(({ id }) => id !== 'empty-import-meta'), [])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the package is loaded by require and by import', async () => {
  for (const loaded of [require('../dist/index.cjs'), await import('../dist/index.mjs')]) {
    assert.deepEqual(Object.keys(loaded).filter(name => name !== 'module.exports').sort(), ['ActionheroClient', 'ActionheroWebsocketClient', 'Primus', 'default'])
    assert.equal(new loaded.Primus('http://h', { manual: true }).readyState, 2)
  }
})
