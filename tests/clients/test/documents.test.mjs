// What the server says of its interface: documents that public validators take, and types that tell right calls from
// wrong ones.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import SwaggerParser from '@apidevtools/swagger-parser'
import { Parser } from '@asyncapi/parser'
import { ask, stockClient } from '../lib/client.mjs'
import { ROOT, useDemo } from '../lib/demo.mjs'
import { get } from '../lib/http.mjs'

const demo = useDemo()
const require = createRequire(import.meta.url)
const ACTIONS = [
  'cacheTest', 'createChatRoom', 'echo', 'randomNumber', 'recursiveAction', 'sendFile', 'sleepTest', 'status', 'swagger',
  'validationTest'
]

async function document (name) {
  const answer = await get(demo, `/explorer/${name}`)
  assert.equal(answer.status, 200)
  return answer
}

describe('the documents', () => {
  test('OpenAPI 3.1 of all actions over HTTP', async () => {
    const { json } = await document('openapi.json')
    assert.equal(json.openapi, '3.1.0')
    assert.deepEqual(Object.keys(json.paths), ACTIONS.map(name => `/api/${name}`))
    for (const path of Object.values(json.paths)) assert.deepEqual(Object.keys(path), ['get', 'post'])
    await SwaggerParser.validate(json)
  })

  test('AsyncAPI 3 of all that travels over the websocket', async () => {
    const { body } = await document('asyncapi.json')
    const { document: read, diagnostics } = await new Parser().parse(body)
    // Severity 0 is an error, 1 a warning; what is left is advice.
    assert.deepEqual(diagnostics.filter(({ severity }) => severity < 2), [])
    assert.equal(read.version(), '3.0.0')
    const names = read.operations().all().map(operation => operation.id())
    const verbs = ['say', 'roomAdd', 'roomLeave', 'roomView', 'detailsView', 'file', 'quit', 'said.defaultRoom',
      'actorConnect', 'actorCall', 'actorOn', 'actorOff', 'actorLeave', 'actor']
    for (const name of [...ACTIONS.map(name => `call.${name}`), ...verbs]) assert.ok(names.includes(name), name)
  })

  test('the manifest with the places of everything', async () => {
    const { json } = await document('manifest.json')
    assert.deepEqual(json.actions.map(({ name }) => name), ACTIONS)
    assert.equal(json.places.api, '/api')
    assert.equal(json.places.primus, '/primus')
  })

  test("ActionHero's swagger, as its client gets it", async () => {
    const client = stockClient(demo.url)
    await ask(client, 'connect')
    const { context, messageId, ...swagger } = await ask(client, 'action', 'swagger')
    assert.equal(context, 'response')
    assert.deepEqual(Object.keys(swagger).sort(),
      ['basePath', 'externalDocs', 'host', 'info', 'paths', 'schemes', 'securityDefinitions', 'swagger'])
    assert.equal(swagger.swagger, '2.0')
    assert.equal(swagger.basePath, '/api/')
    assert.deepEqual(Object.keys(swagger.paths['/cacheTest']).sort(), ['delete', 'get', 'patch', 'post', 'put'])
    const { summary, parameters } = swagger.paths['/cacheTest'].get
    assert.equal(summary, 'I will test the internal cache functions of the API')
    assert.deepEqual(parameters.map(({ name, type, required }) => [name, type, required]),
      [['key', 'string', true], ['value', 'string', true]])
    await SwaggerParser.validate(swagger)
  })
})

describe('the types', () => {
  /** What the compiler says of a program that has the given types beside it. */
  async function compiled (types, program) {
    const folder = mkdtempSync(join(tmpdir(), 'playhouse-types-'))
    try {
      writeFileSync(join(folder, 'types.d.ts'), types)
      writeFileSync(join(folder, 'program.ts'), program)
      const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--types', '']
      const files = [join(folder, 'types.d.ts'), join(folder, 'program.ts')]
      const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, encoding: 'utf8' })
      return stdout + stderr
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('stand alone', async () => {
    const { body } = await document('types.d.ts')
    assert.equal(await compiled(body, `
      const params: Application.Actions['cacheTest']['params'] = { key: 'abc', value: 'def' }
      const code: Application.Actions['cacheTest']['errors'] = 'not_kept'
      const any: Application.ErrorCode = code
      function read (answer: Application.Actions['sleepTest']['result']): number | null { return answer.sleepDuration }
      const none: Application.Actions['status']['params'] = {}
      const room: Application.Rooms['defaultRoom'] = 'hello'
      // @ts-expect-error: an input is a text
      const wrong: Application.Actions['cacheTest']['params'] = { key: 1, value: 'def' }
      // @ts-expect-error: an input is missing
      const missing: Application.Actions['cacheTest']['params'] = { key: 'abc' }
      // @ts-expect-error: no action has this code
      const stranger: Application.ErrorCode = 'strange'
      // @ts-expect-error: there is no such key in the answer
      function misread (answer: Application.Actions['sleepTest']['result']) { return answer.sleepDurations }
    `), '')
  })

  test("are the client's", async () => {
    const { body } = await document('types.d.ts')
    const application = body.split('\n').slice(1, -2).join('\n')
    const client = readFileSync(join(ROOT, 'client/dist/client.d.ts'), 'utf8')
    assert.equal(await compiled(client.replace('//%%APPLICATION%%', () => application), `
      const client = new ActionheroWebsocketClient()
      async function program () {
        const { cacheTestResults } = await client.action('cacheTest', { key: 'abc', value: 'def' })
        const size: number = cacheTestResults.sizeResp
        const { problems } = await client.action('status')
        const first: string | undefined = problems[0]
        // @ts-expect-error: the inputs are texts, and there are two
        await client.action('cacheTest', { key: 1 })
        // @ts-expect-error: there is no such input
        await client.action('echo', { p: 'x', q: 'y' })
        // @ts-expect-error: there is no such action
        await client.action('cacheTests', { key: 'abc', value: 'def' })
        // @ts-expect-error: it is a number
        const text: string = cacheTestResults.sizeResp
        return [size, first, text]
      }
      void program()
    `), '')
  })
})
