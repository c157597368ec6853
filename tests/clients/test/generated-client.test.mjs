// The client that the server makes: where pages find it, that it is written only where it should be, and that what
// plugins append to it arrives and runs.

import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import vm from 'node:vm'
import { ROOT, binary, example, launch, refusedStart } from '../lib/demo.mjs'
import { get, request } from '../lib/http.mjs'
import { rawConnect } from '../lib/raw.mjs'

const SCRIPTS = ['ActionheroWebsocketClient.js', 'ActionheroWebsocketClient.min.js']
const FILES = [...SCRIPTS, 'ActionheroWebsocketClient.d.ts']
const MARK = '// Made by Playhouse at each start'

const folders = []
const servers = []
after(async () => {
  for (const server of servers) await server.kill()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder with the demo's configuration and a public folder of its own. */
function applicationFolder () {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-'))
  folders.push(folder)
  cpSync(join(ROOT, 'demo/playhouse.toml'), join(folder, 'playhouse.toml'))
  mkdirSync(join(folder, 'public'))
  return folder
}

async function started (options) {
  const server = await launch(options).listening()
  servers.push(server)
  return server
}

/** The settings that are compiled into a script. */
function compiledInto (script) {
  const literal = /\{ url: function \(\) \{ return .* \}, apiPath: .*?, version: "[^"]*" \}/.exec(script)
  assert.ok(literal, `no settings in the script:\n${script.slice(0, 2000)}`)
  return vm.runInNewContext(`(${literal[0]})`, { window: { location: { origin: 'http://page.example' } } })
}

describe('in the public folder', () => {
  test('it is written, and served under both URLs', async () => {
    const folder = applicationFolder()
    const server = await started({ cwd: folder })
    assert.deepEqual(readdirSync(join(folder, 'public/javascript')).sort(), [...FILES].sort())
    for (const name of FILES) {
      const written = readFileSync(join(folder, 'public/javascript', name), 'utf8')
      assert.ok(written.startsWith(MARK) && !written.includes('%%'), name)
      for (const path of [`/public/javascript/${name}`, `/javascript/${name}`]) {
        const answer = await get(server, path)
        assert.deepEqual([answer.status, answer.body], [200, written], path)
        assert.match(answer.headers['content-type'], name.endsWith('.ts') ? /typescript/ : /javascript/)
        assert.equal(answer.headers['cache-control'], 'max-age=60, must-revalidate, public')
        const again = await get(server, path, { 'if-none-match': answer.headers.etag })
        assert.deepEqual([again.status, again.body], [304, ''])
      }
    }
  })

  test('a start that changes nothing writes nothing; one that does replaces it', async () => {
    const folder = applicationFolder()
    const path = join(folder, 'public/javascript', SCRIPTS[0])
    await (await started({ cwd: folder })).stop()
    const first = statSync(path)
    await (await started({ cwd: folder })).stop()
    assert.deepEqual([statSync(path).mtimeMs, statSync(path).ino], [first.mtimeMs, first.ino])
    await (await started({ cwd: folder, env: { PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: '4000' } })).stop()
    assert.equal(compiledInto(readFileSync(path, 'utf8')).pingTimeout, 6000)
  })

  test('what somebody wrote by hand stays, and is said', async () => {
    const folder = applicationFolder()
    const path = join(folder, 'public/javascript', SCRIPTS[0])
    mkdirSync(dirname(path))
    writeFileSync(path, 'alert(1)')
    const server = await started({ cwd: folder })
    assert.equal((await get(server, `/public/javascript/${SCRIPTS[0]}`)).body, 'alert(1)')
    assert.ok((await get(server, `/public/javascript/${SCRIPTS[1]}`)).body.startsWith(MARK))
    await server.stop()
    assert.match(server.log, new RegExp(`${SCRIPTS[0]} was not made by a server.*client_js_name`))
    assert.equal(readFileSync(path, 'utf8'), 'alert(1)')
  })

  test('what ActionHero made is replaced', async () => {
    const folder = applicationFolder()
    const path = join(folder, 'public/javascript', SCRIPTS[0])
    mkdirSync(dirname(path))
    const stock = readFileSync(join(ROOT, 'tests/clients/node_modules/actionhero/client/ActionheroWebsocketClient.js'), 'utf8')
    writeFileSync(path, `(function UMDish () { 'primus::ping::' })();\r\n\r\n\r\n;;;\r\n${stock}`)
    await (await started({ cwd: folder })).stop()
    assert.ok(readFileSync(path, 'utf8').startsWith(MARK))
  })

  test('other names, and none', async () => {
    const folder = applicationFolder()
    const named = await started({
      cwd: folder, env: { PLAYHOUSE_WEBSOCKET__CLIENT_JS_NAME: 'actionheroClient', PLAYHOUSE_WEBSOCKET__CLIENT_JS_PATH: '/js' }
    })
    assert.equal((await get(named, '/public/js/actionheroClient.min.js')).status, 200)
    rmSync(join(folder, 'public/js'), { recursive: true })
    const none = await started({ cwd: folder, env: { PLAYHOUSE_WEBSOCKET__CLIENT_JS_NAME: 'false' } })
    assert.equal((await get(none, `/public/javascript/${SCRIPTS[0]}`)).status, 404)
    assert.equal((await get(none, '/primus/primus.js')).status, 200)
    const off = await started({ cwd: folder, env: { PLAYHOUSE_WEBSOCKET__ENABLED: 'false' } })
    assert.equal((await get(off, `/public/javascript/${SCRIPTS[0]}`)).status, 404)
    assert.equal((await get(off, '/primus/primus.js')).status, 404)
    assert.ok(!existsSync(join(folder, 'public/javascript')))
  })
})

describe('a folder that cannot be written', () => {
  /** Pages get the same, and the log says one sentence. */
  async function servesFromMemory (server) {
    for (const name of FILES) {
      for (const path of [`/public/javascript/${name}`, `/javascript/${name}`]) {
        const answer = await get(server, path)
        assert.equal(answer.status, 200, path)
        assert.ok(answer.body.startsWith(MARK), path)
        assert.equal(answer.headers['cache-control'], 'max-age=60, must-revalidate, public')
        assert.equal((await get(server, path, { 'if-none-match': answer.headers.etag })).status, 304)
        const head = await request(server, 'HEAD', path)
        assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', String(answer.bytes.length)])
        const part = await get(server, path, { range: 'bytes=0-9' })
        assert.deepEqual([part.status, part.body], [206, MARK.slice(0, 10)])
      }
    }
    await server.stop()
    const warnings = server.log.split('\n').filter(line => /WARN/.test(line) && /generated client/.test(line))
    assert.equal(warnings.length, 1, server.log)
    assert.match(warnings[0], /javascript.*ActionheroWebsocketClient\.js: .+from memory.*let this process write there/)
  }

  test('read-only', async () => {
    const folder = applicationFolder()
    const program = join(folder, 'playhouse-demo')
    copyFileSync(binary(), program)
    chmodSync(program, 0o755)
    const options = { cwd: folder, command: program }
    if (process.getuid() === 0) {
      // The superuser may write everywhere, so the server runs as somebody else.
      Object.assign(options, { uid: 65_534, gid: 65_534 })
      chmodSync(folder, 0o755)
    }
    chmodSync(join(folder, 'public'), 0o555)
    await servesFromMemory(await started(options))
    assert.deepEqual(readdirSync(join(folder, 'public')), [])
    chmodSync(join(folder, 'public'), 0o755)
  })

  test('a file in its place', async () => {
    const folder = applicationFolder()
    writeFileSync(join(folder, 'public/javascript'), 'mine')
    await servesFromMemory(await started({ cwd: folder }))
    assert.equal(readFileSync(join(folder, 'public/javascript'), 'utf8'), 'mine')
  })
})

describe('what is compiled in', () => {
  test('follows the settings, in all scripts', async () => {
    const server = await started({
      cwd: applicationFolder(),
      env: {
        PLAYHOUSE_WEBSOCKET__CLIENT_URL: 'https://chat.example',
        PLAYHOUSE_MOUNTS__PRIMUS: '/live',
        PLAYHOUSE_MOUNTS__API: '/v1',
        PLAYHOUSE_HTTP__COOKIE_KEY: 'who',
        PLAYHOUSE_WEBSOCKET__SERVER__PING_INTERVAL: 'false',
        PLAYHOUSE_WEBSOCKET__CLIENT__STRATEGY: 'online',
        PLAYHOUSE_WEBSOCKET__CLIENT__QUEUE_SIZE: '7',
        PLAYHOUSE_WEBSOCKET__CLIENT__RECONNECT__MAX: '1m'
      }
    })
    for (const path of [...SCRIPTS.map(name => `/javascript/${name}`), '/live/primus.js', '/live/primus.min.js']) {
      const { url, version, ...rest } = compiledInto((await get(server, path)).body)
      assert.equal(url(), 'https://chat.example')
      assert.match(version, /^\d+\.\d+\.\d+$/)
      assert.deepEqual(JSON.parse(JSON.stringify(rest)), {
        apiPath: '/v1',
        cookieKey: 'who',
        pathname: '/live',
        authorization: false,
        pingTimeout: false,
        timeout: 10000,
        reconnect: { min: 500, max: 60000, retries: 10, factor: 2, timeout: 30000 },
        strategy: ['online'],
        manual: false,
        websockets: true,
        network: true,
        queueSize: 7
      }, path)
    }
  })

  test("a host alone takes the page's scheme", async () => {
    const server = await started({ cwd: applicationFolder(), env: { PLAYHOUSE_WEBSOCKET__CLIENT_URL: 'chat.example:81' } })
    const { body } = await get(server, '/primus/primus.js')
    const expression = /url: function \(\) \{ return (.*?) \}, apiPath/.exec(body)[1]
    assert.equal(vm.runInNewContext(expression, {}), 'https://chat.example:81')
    assert.equal(vm.runInNewContext(expression, { location: { protocol: 'http:' } }), 'http://chat.example:81')
    assert.equal(vm.runInNewContext(expression, { location: { protocol: 'file:' } }), 'https://chat.example:81')
  })
})

describe('plugins', () => {
  /** Runs a script as a page does, on a page that has a library already. */
  function run (script) {
    const page = { Primus: function Primus () {}, setTimeout, clearTimeout, setInterval, clearInterval, URL, console }
    page.window = page.self = page
    vm.createContext(page)
    vm.runInContext(script, page)
    return page
  }

  test('their scripts arrive behind the library, and run', async () => {
    const server = await started({ command: example('visibility'), cwd: applicationFolder(), env: { PLAYHOUSE_FILES__FOLDER: 'public' } })
    for (const path of ['/primus/primus.js', '/primus/primus.min.js', ...SCRIPTS.map(name => `/javascript/${name}`)]) {
      const { body } = await get(server, path)
      assert.match(body, /^;\/\/ Plugin visibility \(.*visibility\.js\)$/m, path)
      const written = []
      run(body).Primus.prototype.tellVisible.call({ write: message => written.push(message) }, false)
      assert.deepEqual(written, ['visible:false'], path)
    }
  })

  test("their messages reach the server's half, and nobody else", async () => {
    const server = await started({ command: example('visibility'), cwd: applicationFolder(), env: { PLAYHOUSE_FILES__FOLDER: 'public' } })
    const [one, other] = [await rawConnect(server), await rawConnect(server)]
    const watching = async () => (await get(server, '/api/watching')).json.watching
    assert.equal(await watching(), 2)
    one.send('"visible:false"')
    assert.deepEqual(await one.settled(), [], 'nobody answers it')
    assert.equal(await watching(), 1)
    one.send('"visible:true"')
    assert.deepEqual(await one.settled(), [])
    assert.equal(await watching(), 2)
    assert.match((await one.ask('"visible:perhaps"')).error, /verb not found/, 'which is no message of the plugin')
    other.destroy()
    one.destroy()
  })
})

test('the command line says what cannot be the name of a script', async () => {
  const { said } = await refusedStart({ env: { PLAYHOUSE_WEBSOCKET__CLIENT_JS_NAME: 'client.js' } })
  assert.match(said, /write "client": the extensions \.js, \.min\.js and \.d\.ts are added/)
})
