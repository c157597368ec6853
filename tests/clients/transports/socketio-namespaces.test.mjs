// Namespaces: which there are, when they begin and end, and what the engine below has to do with it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { CLIENTS, guest, useTable } from '../lib/transports/socketio.mjs'
import { Line, bye, connectPacket, eventPacket, forgotten, give, lineAt, packetOn, pollAt, pollBegin } from '../lib/transports/socketio-wire.mjs'
import { within } from '../lib/wait.mjs'

const CONNECT_TIMEOUT = 1_000
const PING_INTERVAL = 400
const demo = useTable({
  PLAYHOUSE_SOCKETIO__NAMESPACES: '/admin',
  PLAYHOUSE_SOCKETIO__CONNECT_TIMEOUT: String(CONNECT_TIMEOUT),
  PLAYHOUSE_ENGINEIO__PING_INTERVAL: String(PING_INTERVAL)
})
const INVALID = { message: 'Invalid namespace' }
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

describe('a namespace that does not exist', () => {
  test('is refused, and the engine stays for others', async () => {
    const line = await Line.begin(demo)
    for (const name of ['/nowhere', '/adminx', '/admin/', '/Admin', '/é', '/__proto__', '//']) {
      line.give(`0${name},{"token":"x"}`)
      assert.equal(await line.packet(), `4${name},${JSON.stringify(INVALID)}`)
    }
    await line.connect()
    assert.equal((await line.event())[0], 'welcome')
    await line.lives()
    line.give('0/nowhere,')
    assert.deepEqual((await line.parsed()).data, INVALID)
    await line.lives()
  })

  test('does not count as connected', async () => {
    const line = await Line.begin(demo)
    line.give('0/nowhere,')
    assert.equal((await line.parsed()).type, 4)
    line.give(eventPacket(['detailsView'], { namespace: '/nowhere', id: 0 }))
    await line.ends()
  })

  for (const client of CLIENTS) {
    test(`is told to ${client.name}`, async () => {
      const one = await guest(client, demo)
      const other = one.socket.io.socket('/nowhere')
      const error = await within(5_000, 'the refusal', new Promise(resolve => other.on('connect_error', resolve)))
      assert.ok(error instanceof Error)
      assert.equal(error.message, INVALID.message)
      assert.equal((await one.details()).id, one.id)
    })
  }
})

describe('a namespace that is configured', () => {
  test('is an API of its own', async () => {
    const line = await lineAt(demo)
    const admin = await line.connect({}, '/admin')
    const { namespace, data: [name, { context }, offset] } = await line.parsed()
    assert.deepEqual([namespace, name, context, typeof offset], ['/admin', 'welcome', 'api', 'string'])
    assert.notEqual(admin.sid, line.sid)
    assert.notEqual(admin.pid, line.pid)
    assert.equal((await line.lives()).id, line.sid)
    assert.equal((await line.lives('/admin')).id, admin.sid)
    assert.equal((await line.ask(['roomAdd', ROOM])).status, 'OK')
    assert.deepEqual((await line.lives('/admin')).rooms, [], 'its connection is another one')
  })

  test('has acks of its own', async () => {
    const line = await lineAt(demo, { namespace: '/admin' })
    await line.connect()
    await line.event()
    const [own, main] = await Promise.all([line.ask(['detailsView'], { namespace: '/admin', id: 1 }), line.ask(['detailsView'], { id: 1 })])
    assert.notEqual(own.data.id, main.data.id)
  })

  test('ends without the others', async () => {
    const line = await lineAt(demo)
    await line.connect({}, '/admin')
    await line.parsed()
    line.give('1/admin,')
    await line.lives()
    assert.ok(!line.gone)
    await line.connect({}, '/admin')
    assert.equal((await line.parsed()).namespace, '/admin', 'and may begin again')
    await line.ask(['roomAdd', ROOM])
    line.give('1')
    await watcher.misses(line.sid)
    await line.lives('/admin')
  })

  for (const client of CLIENTS) {
    test(`serves ${client.name}`, async () => {
      const one = await guest(client, demo, { namespace: '/admin' })
      assert.equal((await one.details()).id, one.id)
      assert.equal(typeof (await one.ask('randomNumber')).randomNumber, 'number')
      const main = one.socket.io.socket('/')
      await within(5_000, 'the main namespace on the same engine', new Promise(resolve => main.on('connect', resolve)))
      assert.notEqual(main.id, one.id)
      main.disconnect()
      assert.equal((await one.details()).id, one.id)
    })
  }
})

describe('order', () => {
  test('who connects twice is closed', async () => {
    const line = await lineAt(demo)
    line.give('0{}')
    await line.ends()
  })

  test('what comes right behind the connecting waits, and is handled in order', async () => {
    const line = await Line.begin(demo)
    line.give('0', `20["roomAdd","${ROOM}"]`, `21["say",{"room":"${ROOM}","message":"early"}]`, '22["detailsView"]', '23["fly"]')
    const got = []
    while (got.length < 7) got.push(await line.parsed())
    assert.equal(got[0].type, 0)
    assert.equal(got[1].data[0], 'welcome')
    assert.deepEqual(got.filter(({ type }) => type === 3).map(({ id }) => id), [0, 1, 2, 3])
    assert.deepEqual(got.filter(({ type }) => type === 2).map(({ data }) => data[0]), ['welcome', 'say'])
    await watcher.hears('early')
  })

  test('also in one body of polling', async () => {
    const session = await pollBegin(demo)
    assert.deepEqual(await give(session, '0', '20["detailsView"]', '21["randomNumber"]'), [200, 'ok'])
    const got = []
    while (got.length < 4) got.push(await packetOn(session))
    assert.deepEqual(got.map(({ type }) => type), [0, 2, 3, 3])
    await bye(session)
  })

  test('also behind a refusal: then there was no such namespace', async () => {
    const line = await Line.begin(demo)
    line.give('0/nowhere,', '2/nowhere,1["detailsView"]')
    await line.ends()
  })

  test('what was on the way when the server refused a namespace is ignored, be it read before or after that', async () => {
    const line = await Line.begin(demo)
    const params = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`p${n}`, n]))
    for (const rest of [[], ['20["detailsView"]', '31[]']]) {
      line.give(connectPacket({ params }), ...rest)
      assert.equal((await line.parsed()).type, 4)
      line.give('21["detailsView"]', '32[]', '1')
    }
    assert.ok((await line.connect()).sid)
    assert.equal((await line.event())[0], 'welcome')
    await line.lives()
  })

  test('what was on the way when the server ended a namespace is ignored', async () => {
    const line = await lineAt(demo)
    line.give('2["quit"]', '20["detailsView"]', '1', '31[]')
    assert.equal(await line.packet(), '1')
    const again = await line.connect()
    assert.notEqual(again.sid, line.sid)
    assert.equal((await line.event())[0], 'welcome')
    await line.lives()
  })
})

describe('the engine below', () => {
  test('is closed when nobody connects in time, and not before', async () => {
    const begun = Date.now()
    const line = await Line.begin(demo)
    const session = await pollBegin(demo)
    await line.ends()
    const lasted = Date.now() - begun
    assert.ok(lasted >= CONNECT_TIMEOUT - 50, `closed after ${lasted} ms`)
    await forgotten(session)
  })

  test('is closed in time also when only strangers were asked for', async () => {
    const line = await Line.begin(demo)
    line.give('0/nowhere,')
    assert.equal((await line.parsed()).type, 4)
    await line.ends()
  })

  test('stays when somebody has connected, also after the last namespace has gone', async () => {
    const line = await lineAt(demo)
    assert.equal((await line.ask(['roomAdd', ROOM])).status, 'OK')
    line.give('1')
    await watcher.misses(line.sid)
    const { pings } = line
    const wanted = pings + Math.ceil(2 * CONNECT_TIMEOUT / PING_INTERVAL)
    await line.when('pings go on', () => line.pings >= wanted || line.gone, 10_000)
    assert.ok(!line.gone)
    await line.connect()
    assert.equal((await line.event())[0], 'welcome')
  })

  test('on polling as well', async () => {
    const session = await pollAt(demo)
    await give(session, '1', '0')
    const types = []
    while (types.length < 2) types.push((await packetOn(session)).type)
    assert.deepEqual(types, [0, 2])
    await bye(session)
  })
})
