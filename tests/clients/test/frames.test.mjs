// Frame by frame, byte by byte: what the server answers to each frame, in the original's key order.
//
// The tables hold what ActionHero 29.3.5 was seen to answer, except where it errs and we do not.
// In the answers ID stands for the connection's own id, UUID for a fresh one, TIME for
// milliseconds since the epoch, PORT for the client's port, COUNT for the ordinal of the frame.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { BINARY, encode, rawConnect } from '../lib/raw.mjs'

const demo = useDemo()
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g

function normalise (text, id) {
  return text.replaceAll(id, 'ID')
    .replace(UUID, 'UUID')
    .replace(/"(connectedAt|joinedAt|sentAt)":\d{13}\b/g, '"$1":TIME')
    .replace(/"remotePort":\d+/g, '"remotePort":PORT')
    .replace(/"remoteIP":"(::ffff:)?127\.0\.0\.1"/g, '"remoteIP":"127.0.0.1"')
    .replace(/"(randomNumber)":0\.\d+(e-\d+)?/g, '"$1":NUMBER')
    .replace(/number is 0\.\d+(e-\d+)?/g, 'number is NUMBER')
    .replace(/primus::id::[^"]+/, 'primus::id::SPARK')
    .replace(/^(.*),"messageCount":\d+(.*)\}$/, '$1$2,"messageCount":COUNT}')
}

const ok = (messageId, data = 'true') => `{"status":"OK","context":"response","data":${data},"messageId":${messageId}}`
const said = messageId => `{"status":"OK","context":"response","messageId":${messageId}}`
const verb = (messageId, text, data = '{}') =>
  `{"status":"Error: ${text}","error":"Error: ${text}","context":"response","data":${data},"messageId":${messageId}}`
const chat = message => `{"message":${message},"room":"defaultRoom","from":"ID","context":"user","sentAt":TIME}`
const details = (messageId, fingerprint = 'ID', rooms = '[]', total = 0) =>
  ok(messageId, `{"id":"ID","fingerprint":"${fingerprint}","remoteIP":"127.0.0.1","remotePort":PORT,"params":{},"connectedAt":TIME,"rooms":${rooms},"totalActions":${total},"pendingActions":0}`)
const noFile = messageId => `{"error":"that file is not found","content":null,"mime":"text/html","length":22,"context":"response","messageId":${messageId}}`
const unknown = messageId => `{"error":"unknown action or invalid apiVersion","context":"response","messageId":${messageId}}`
const noVerb = (data, name = 'undefined', messageId = '"UUID"') => verb(messageId, `verb not found or not allowed (${name})`, data)
/** Frames without messageId carry the count that clients before version 20 look for. */
const counted = text => text.replace(/\}$/, ',"messageCount":COUNT}')

/** Sends a frame and collects exactly the answers that the table has for it. */
async function check (raw, id, frame, expected) {
  if (Buffer.isBuffer(frame)) raw.write(frame)
  else raw.send(frame)
  const got = []
  while (got.length < expected.length) got.push(normalise(await raw.next(), id))
  got.push(...(await raw.settled()).map(text => normalise(text, id)))
  // A reply and the sender's own copy of what it said may come in either order.
  assert.deepEqual(got.sort(), [...expected].sort(), `answer to ${frame}`)
}

async function idOf (raw) {
  return (await raw.ask({ event: 'detailsView', messageId: 'who' })).data.id
}

const VERBS = [
  ['{"event":"detailsView","messageId":1}', [details(1, 'fp-1')]],
  ['{"event":"detailsView","messageId":0}', [details('"UUID"', 'fp-1')]],
  ['{"event":"detailsView","messageId":"x\\u2028y"}', [details('"x\\u2028y"', 'fp-1')]],
  ['{"event":"detailsView","messageId":[1,{"a":null}]}', [details('[1,{"a":null}]', 'fp-1')]],
  ['{"event":"detailsView","messageId":true}', [details('true', 'fp-1')]],
  ['{"event":"roomAdd","room":"defaultRoom","messageId":2}', [ok(2)]],
  ['{"event":"roomAdd","room":"defaultRoom","messageId":3}', [verb(3, 'connection already in this room (defaultRoom)')]],
  ['{"event":"roomAdd","room":"nope","messageId":4}', [verb(4, 'room does not exist')]],
  ['{"event":"roomAdd","messageId":5}', [verb(5, 'room does not exist')]],
  ['{"event":"roomAdd","room":"","messageId":6}', [verb(6, 'room does not exist', '{"room":""}')]],
  ['{"event":"roomAdd","x":"otherRoom","messageId":7}', [ok(7)]],
  ['{"event":"roomView","room":"defaultRoom","messageId":8}',
    [ok(8, '{"room":"defaultRoom","members":{"ID":{"id":"ID","joinedAt":TIME}},"membersCount":1}')]],
  ['{"event":"roomView","messageId":9}', [verb(9, 'connection not in this room (undefined)')]],
  ['{"event":"say","room":"defaultRoom","message":"hello","messageId":10}', [said(10), chat('"hello"')]],
  ['{"event":"say","room":"defaultRoom","message":{"a":1},"messageId":11}', [said(11), chat('"[object Object]"')]],
  ['{"event":"say","room":"defaultRoom","message":["x","y"],"messageId":12}', [said(12), chat('"x,y"')]],
  ['{"event":"say","room":"defaultRoom","message":0,"messageId":13}', [said(13), chat('"0"')]],
  ['{"event":"say","room":"defaultRoom","message":"","messageId":14}',
    [verb(14, 'both room and message are required', '{"message":""}')]],
  ['{"event":"say","room":"defaultRoom","message":null,"messageId":15}',
    [verb(15, 'both room and message are required', '{"message":null}')]],
  ['{"event":"say","message":"hi","messageId":16}', [verb(16, 'both room and message are required', '{"message":"hi"}')]],
  ['{"event":"say","room":"nope","message":"hi","messageId":17}',
    [verb(17, 'connection not in this room (nope)', '{"message":"hi"}')]],
  ['{"event":"say","room":"defaultRoom","message":"a","extra":"b","n":3,"messageId":18}', [said(18), chat('"a b 3"')]],
  ['{"event":"say","message":"before","room":"defaultRoom","messageId":19}', [said(19), chat('"before"')]],
  ['{"event":"say","room":"defaultRoom","message":"line\\u2028sep\\u2029 \u{1F600} é","messageId":191}',
    [said(191), chat('"line\\u2028sep\\u2029 \u{1F600} é"')]],
  ['{"event":"roomLeave","room":"defaultRoom","messageId":20}', [ok(20)]],
  ['{"event":"roomLeave","room":"defaultRoom","messageId":21}', [verb(21, 'connection not in this room (defaultRoom)')]],
  ['{"event":"roomLeave","messageId":22}', [verb(22, 'connection not in this room (undefined)')]],
  ['{"event":"fly","a":1,"room":"z","b":{"c":2},"messageId":23}', [noVerb('{"a":1,"b":{"c":2}}', 'fly', 23)]],
  ['{"messageId":24}', [noVerb('{}', 'undefined', 24)]],
  ['{"event":5,"messageId":25}', [noVerb('{}', '5', 25)]],
  ['{"event":null,"messageId":26}', [noVerb('{}', 'null', 26)]],
  ['{"event":"paramAdd","key":"a","value":"b","messageId":27}', [noVerb('{"key":"a","value":"b"}', 'paramAdd', 27)]],
  ['{"event":"documentation","messageId":271}', [noVerb('{}', 'documentation', 271)]],
  ['{"event":"file","file":"nope","messageId":28}', [noFile(28)]],
  ['{"event":"file","messageId":29}', [noFile(29)]],
  ['{"event":"file","file":5,"messageId":291}', [noFile(291)]],
  ['{"event":"file","file":[],"messageId":292}', [noFile(292)]],
  ['{"event":"file","file":true,"messageId":293}', [noFile(293)]],
  ['{"event":"action","messageId":30}', [unknown(30)]],
  ['{"event":"action","params":null,"messageId":31}', [unknown(31)]],
  ['{"event":"action","params":"randomNumber","messageId":32}', [unknown(32)]],
  ['{"event":"action","params":["randomNumber"],"messageId":321}', [unknown(321)]],
  ['{"event":"action","params":{"action":"toString"},"messageId":33}', [unknown(33)]],
  ['{"event":"action","params":{"action":["randomNumber"]},"messageId":331}', [unknown(331)]],
  ['{"event":"action","params":{"action":"randomNumber","apiVersion":"__proto__"},"messageId":332}', [unknown(332)]],
  ['{"event":"action","params":{"action":"cacheTest","key":"abc"},"messageId":333}',
    ['{"error":"value is a required parameter for this action","context":"response","messageId":333}']],
  ['{"event":"action","params":{"action":"randomNumber","messageId":"inner"},"messageId":334}',
    ['{"randomNumber":NUMBER,"stringRandomNumber":"Your random number is NUMBER","context":"response","messageId":334}']],
  ['{"event":"detailsView","messageId":335}', [details(335, 'fp-1', '["otherRoom"]', 9)]]
]

describe('verbs', () => {
  test('every frame of the table gets its answer', async () => {
    const raw = await rawConnect(demo, { path: '/primus?sessionID=fp-1&_primuscb=OaaaaaA' })
    const id = await idOf(raw)
    for (const [frame, expected] of VERBS) await check(raw, id, frame, expected)
  })

  test('exit: the close packet, a close frame, no reply', async () => {
    const raw = await rawConnect(demo)
    raw.send('{"event":"exit","messageId":34}')
    raw.send('{"event":"detailsView","messageId":35}')
    assert.equal(await raw.next(), '"primus::server::close"')
    assert.ok([1000, 1005].includes(await raw.closed()))
    assert.deepEqual(raw.texts, [], 'what follows is not processed')
  })
})

const ODD = [
  ['{', []],
  ['hello', []],
  ['', []],
  ['primus::id::', []],
  ['[]', [counted(noVerb('[]'))]],
  ['[1,2]', [counted(noVerb('[1,2]'))]],
  ['5', [counted(noVerb('5'))]],
  ['true', [counted(noVerb('true'))]],
  ['"hello"', [counted(noVerb('"hello"'))]],
  ['""', [counted(noVerb('""'))]],
  ['{}', [counted(noVerb('{}'))]],
  ['null', [counted(noVerb('null'))]],
  ['"primus::id::"', ['"primus::id::SPARK"']],
  ['"primus::pong::123"', []],
  ['"primus::ping::123"', ['"primus::pong::123"']],
  ['"primus::foo::1"', [counted(noVerb('"primus::foo::1"'))]],
  ['{"event":"nope","event":"detailsView","messageId":1,"messageId":2}', [details(2)]],
  [encode(BINARY, '{"event":"detailsView","messageId":3}'), []],
  ['['.repeat(5_000), []]
]

describe('odd frames', () => {
  test('every frame of the table gets its answer, and the connection stays', async () => {
    const raw = await rawConnect(demo)
    const id = await idOf(raw)
    for (const [frame, expected] of ODD) await check(raw, id, frame, expected)
  })

  test('the spark id stays the same', async () => {
    const raw = await rawConnect(demo)
    const first = await raw.ask('"primus::id::"')
    assert.match(first, /^primus::id::.+/)
    assert.equal(await raw.ask('"primus::id::"'), first)
  })
})

test('the welcome is the first frame', async () => {
  const raw = await rawConnect(demo)
  assert.deepEqual(Object.keys(raw.welcome), ['welcome', 'context'])
  assert.match(raw.welcome.welcome, /^Welcome to the .+ api$/)
  assert.deepEqual(await raw.settled(), [], 'and nothing else comes until the client asks')
})
