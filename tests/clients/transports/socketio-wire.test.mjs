// socket.io by hand: which packets are read, and which end the engine without having done anything.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { UNKNOWN_SID, refusal, upgradeRefused } from '../lib/transports/engine.mjs'
import {
  Line, MAIN, bye, connectPacket, engineUrl, forgotten, give, lineAt, packetOn, parse, pollAt
} from '../lib/transports/socketio-wire.mjs'

const demo = useDemo()
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

describe('connecting', () => {
  test('nothing is said before somebody connects, then the answer and the welcome', async () => {
    const line = await Line.begin(demo)
    line.give('0')
    const text = await line.packet()
    assert.match(text, /^0\{"sid":"[^"]+","pid":"[^"]+"\}$/)
    const { sid, pid } = parse(text).data
    assert.equal(new Set([sid, pid, line.data.sid]).size, 3, 'three ids that have nothing to do with each other')
    assert.match(pid, /^.{20,}$/)
    const [name, welcome, offset] = await line.event()
    assert.deepEqual([name, welcome], ['welcome', { welcome: 'Welcome to the demo api', context: 'api' }])
    assert.match(offset, /^.+-\d+$/)
    assert.equal((await line.lives()).id, sid)
  })

  test('with polling as well', async () => {
    const session = await pollAt(demo)
    assert.equal(session.data.maxPayload, 1_000_000)
    assert.deepEqual(await give(session, '27["detailsView"]'), [200, 'ok'])
    const { type, id, data: [{ data }] } = await packetOn(session)
    assert.deepEqual([type, id, data.id], [3, 7, session.id])
    await bye(session)
  })

  test('the auth object may be absent, empty, or anything that is an object', async () => {
    for (const data of ['', '{}', '{"token":"x"}', '{"pid":5}', '{"pid":null,"offset":null}', '{"pid":{},"offset":[]}', '{"params":{"a":1}}']) {
      const line = await Line.begin(demo)
      line.give(`0${data}`)
      assert.equal((await line.parsed()).type, 0, data)
      assert.equal((await line.event())[0], 'welcome', data)
      line.destroy()
    }
  })

  test('protocol 3 is refused', async () => {
    const bad = [400, 5, 'Unsupported protocol version']
    for (const EIO of [3, 2, 5, '', undefined]) {
      assert.deepEqual(await refusal(demo, 'GET', engineUrl({ EIO })), bad, `${EIO}`)
      assert.deepEqual((await upgradeRefused(demo, engineUrl({ EIO, transport: 'websocket' }))).refusal, bad, `${EIO}`)
    }
  })

  test('a session of one mount is unknown on another', async () => {
    const session = await pollAt(demo)
    assert.deepEqual(await refusal(demo, 'GET', `/engine.io/?EIO=4&transport=polling&sid=${session.sid}`), UNKNOWN_SID)
    assert.deepEqual(await give(session, '20["detailsView"]'), [200, 'ok'], 'undisturbed')
    await bye(session)
  })
})

describe('a packet is read', () => {
  for (const [what, text, id = '1'] of [
    ['with an id', '21["detailsView"]'],
    ['with its namespace written out', '2/,1["detailsView"]'],
    ['with a query on its namespace', '2/?a=1,1["detailsView"]'],
    ['with the id 0', '20["detailsView"]', '0'],
    ['with the largest id', '29007199254740991["detailsView"]', '9007199254740991'],
    ['with blanks in its JSON', '21 [ "detailsView" ]'],
    ['with escapes in its name', '21["details\\u0056iew"]'],
    ['with arguments that nobody wants', '21["detailsView",1,{"a":[]},null]']
  ]) {
    test(what, async () => {
      const line = await lineAt(demo)
      line.give(text)
      const answer = await line.packet()
      assert.ok(answer.startsWith(`3${id}[{`), `${text} is answered with ${answer.slice(0, 60)}`)
      assert.equal(parse(answer).data[0].status, 'OK')
      line.destroy()
    })
  }

  test('whose name is a number: there is no such action', async () => {
    const line = await lineAt(demo)
    for (const name of [5, -1.5]) assert.match((await line.ask([name, {}])).error, /unknown action/)
  })

  test('and an ack that nobody waits for is nothing', async () => {
    const line = await lineAt(demo)
    line.give('30[]', '312["x",1]', '39007199254740991[{}]')
    assert.deepEqual(await line.before(), [])
  })
})

/** What follows a connection; each ends it. */
const BROKEN = [
  '', '7', '9[]', 'x', ' 2["a"]', '-1',
  '2', '21', '2{}', '2"a"', '2null', '2[]', '2[null]', '2[true]', '2[{}]', '2[["a"]]', '2["a"', '2["a",]', '2["a"]x', '2["a"]["b"]', "2['a']",
  '2["a",undefined]', '2["a",01]', '2["a",NaN]', '2-1["a"]', '2abc["a"]', '29007199254740992["a"]', '299999999999999999999["a"]',
  ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', '\\u0063onnect'].map(name => `2["${name}"]`),
  '3', '3[]', '31', '31{}', '31[', '3x[]', '0', '0{}', '0[]', '0null', '0"x"', '0{', '0x', '01', '0/a,b',
  '1{}', '1[]', '11', '1x', '4{"message":"no"}', '4', '4"no"', '4/admin,{"message":"no"}',
  '2/admin,["a"]', '2/admin', '2/other["a"]', '31/admin,["a"]', '3/other,1[]', '1/admin,', '1/other',
  '5["a"]', '5-["a"]', '50-["a"]', '511-["a"]', '5x-["a"]', '5-1-["a"]', '51["a"]', '51-', '51-{}', '51-["connect"]', '599999999999999999999-["a"]',
  '6["a"]', '61-["a"]', '60-1["a"]', '61-1{}', '51-["a",{"_placeholder":true,"num":1}]', '51-["a",{"_placeholder":true,"num":-1}]',
  '51-["a",{"_placeholder":true,"num":"0"}]', '51-["a",{"_placeholder":true,"num":0.5}]'
]

const SAY = `2["say",{"room":"${ROOM}","message":"allowed"}]`
const NEVER = '2["say",{"room":"' + ROOM + '","message":"never"}'

describe('a packet that breaks a rule', () => {
  describe('closes the engine', { concurrency: 8 }, () => {
    for (const text of BROKEN) {
      test(text || 'nothing at all', async () => {
        const line = await lineAt(demo)
        // Where attachments are announced, only one that comes shows that the packet is wrong.
        line.give(text, ...text.startsWith('51-["a",{') ? [Buffer.from('x')] : [])
        await line.ends()
        assert.deepEqual(line.texts, [], 'without an answer')
      })
    }
  })

  test('closes it on polling', async () => {
    for (const text of ['7', '2{}', '2["connect"]', '2/admin,["a"]', '0', '4{}', '511-["a"]']) {
      const session = await pollAt(demo)
      await give(session, text)
      await forgotten(session)
    }
  })

  test('undoes nothing before it, does nothing of itself, and nothing behind it', async () => {
    for (const bad of [`${NEVER}`, `${NEVER}]]`, `${NEVER}]x`, `51-["say",{"room":"${ROOM}","message":["never",{"_placeholder":true,"num":3}]}]`]) {
      const line = await lineAt(demo)
      assert.equal((await line.ask(['roomAdd', ROOM])).status, 'OK')
      line.give(SAY.replace('allowed', `allowed ${line.sid}`), bad, ...bad[0] === '5' ? [Buffer.from('x')] : [], `${NEVER}]`)
      await line.ends()
      await watcher.hears(`allowed ${line.sid}`)
      await watcher.say('after')
      assert.ok(!JSON.stringify(watcher.heard()).includes('never'), bad)
    }
  })

  test('leaves other engines alone', async () => {
    const [bad, good] = [await lineAt(demo), await lineAt(demo)]
    bad.give('7')
    await bad.ends()
    await good.lives()
  })

  test('before anybody has connected, too', async () => {
    for (const text of ['2["detailsView"]', '30[]', '1', '4{}', '2/admin,["a"]', '7', '']) {
      const line = await Line.begin(demo)
      line.give(text)
      await line.ends()
      assert.deepEqual(line.texts, [], text)
    }
  })
})

test('an end with the engine\'s own close packet', async () => {
  const line = await lineAt(demo)
  line.send('1')
  await line.ends()
})

test('what is written to a namespace with a query is meant for the one without', async () => {
  const line = await Line.begin(demo)
  line.give(connectPacket({}, '/?token=x'))
  const { type, namespace } = await line.parsed()
  assert.deepEqual([type, namespace], [0, MAIN])
})
