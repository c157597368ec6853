// Recovery by hand: who shows which key and which offset, and what is given for it.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { useDemo } from '../lib/demo.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { ROOM, Watcher } from '../lib/transports/engine-room.mjs'
import { Line, bye, claim, connectPacket, events, give, member, packetOn, pollAt, pollBegin } from '../lib/transports/socketio-wire.mjs'

const demo = useDemo()
let watcher

before(async () => {
  await demo.ready
  watcher = await Watcher.open(demo)
})
after(() => watcher?.leave())

/** Says things in the room. */
async function say (...texts) {
  for (const text of texts) await watcher.say(text)
}

/** It was recovered as that one, and misses these; then it goes on. */
async function recovered (line, before, missed) {
  assert.deepEqual([line.sid, line.pid], [before.sid, before.pid])
  assert.deepEqual(await events(line, missed.length), missed)
  await say(`live ${line.sid}`)
  assert.deepEqual(await events(line, 1), [`live ${line.sid}`])
  assert.deepEqual((await line.lives()).rooms, [ROOM])
  assert.deepEqual(line.texts, [], 'nothing twice')
}

/** It is somebody else altogether. */
async function another (line, before) {
  assert.notEqual(line.sid, before.sid)
  assert.notEqual(line.pid, before.pid)
  assert.deepEqual(await events(line, 1), ['welcome'])
  const { id, rooms } = await line.lives()
  assert.deepEqual([id, rooms], [line.sid, []])
  assert.deepEqual(line.texts, [])
}

describe('who comes back', () => {
  test('with the offset of the last event gets what came behind it', async () => {
    const old = await member(demo)
    await say('a', 'b', 'c')
    assert.deepEqual(await events(old, 2), ['a', 'b'])
    old.destroy()
    await recovered(await claim(demo, { pid: old.pid, offset: old.offset }), old, ['c'])
  })

  test('with an earlier offset gets more', async () => {
    const old = await member(demo)
    const { offset } = old
    await say('a', 'b')
    await events(old, 2)
    old.destroy()
    await recovered(await claim(demo, { pid: old.pid, offset }), old, ['a', 'b'])
  })

  test('without an offset has received nothing, and gets everything', async () => {
    const old = await member(demo)
    await say('a')
    old.destroy()
    await recovered(await claim(demo, { pid: old.pid }), old, ['welcome', 'a'])
  })

  test('without an offset, before anything but the welcome was said', async () => {
    const old = await Line.begin(demo)
    const ids = await old.connect()
    old.destroy()
    const line = await claim(demo, { pid: ids.pid })
    assert.equal(line.sid, ids.sid)
    assert.deepEqual(await events(line, 1), ['welcome'])
  })

  test('many times, from where it was each time', async () => {
    let line = await member(demo)
    const first = line
    for (let round = 0; round < 10; round++) {
      line.destroy()
      await say(`round ${round}`)
      const next = await claim(demo, { pid: line.pid, offset: line.offset })
      await recovered(next, first, [`round ${round}`])
      line = next
    }
  })

  test('from polling to a websocket and back', async () => {
    const session = await pollAt(demo)
    const line = await claim(demo, { pid: session.pid, offset: session.offset })
    assert.equal(line.sid, session.id)
    line.destroy()
    const again = await pollBegin(demo)
    await give(again, `0${JSON.stringify({ pid: session.pid, offset: session.offset })}`, '20["detailsView"]')
    assert.deepEqual((await packetOn(again)).data, { sid: session.id, pid: session.pid })
    assert.equal((await packetOn(again)).data[0].data.id, session.id, 'no welcome')
    await bye(again)
  })

  test('while the old engine still looks alive takes over, and that is closed', async () => {
    const old = await member(demo)
    const { offset } = old
    await say('a', 'b')
    const line = await claim(demo, { pid: old.pid, offset })
    await old.ends()
    await recovered(line, old, ['a', 'b'])
    assert.ok(!old.texts.some(text => text.includes('live')))
  })

  test('while what was written to the old engine has got nowhere', async () => {
    const proxy = await Proxy.before(demo)
    const old = await member({ host: demo.host, port: proxy.port })
    proxy.hold()
    await say('a', 'b', 'c')
    await recovered(await claim(demo, { pid: old.pid, offset: old.offset }), old, ['a', 'b', 'c'])
    proxy.close()
  })
})

test('of two who come at once one is who it was', async () => {
  for (let round = 0; round < 10; round++) {
    const old = await member(demo)
    await say('missed')
    if (round % 2) old.destroy()
    const auth = { pid: old.pid, offset: old.offset }
    const lines = await Promise.all([Line.begin(demo), Line.begin(demo)])
    const got = await Promise.all(lines.map(line => line.join(auth)))
    const same = got.filter(({ data }) => data.sid === old.sid)
    assert.equal(same.length, 1, `round ${round}: ${same.length} of two`)
    const [winner, loser] = got[0].data.sid === old.sid ? lines : [...lines].reverse()
    Object.assign(loser, got.find(({ data }) => data.sid !== old.sid).data)
    await recovered(Object.assign(winner, { sid: old.sid, pid: old.pid }), old, ['missed'])
    await another(loser, old)
    lines.forEach(line => line.destroy())
    await watcher.ask({ event: 'detailsView' })
  }
})

describe('who is somebody new', () => {
  const strange = () => randomBytes(18).toString('base64url')
  for (const [what, auth] of [
    ['an unknown key', ({ offset }) => ({ pid: strange(), offset })],
    ['the public id as a key', ({ sid, offset }) => ({ pid: sid, offset })],
    ['an epoch that is unknown', ({ pid, offset }) => ({ pid, offset: offset.replace(/^.*-/, 'x-') })],
    ['an offset that is nothing of ours', ({ pid }) => ({ pid, offset: 'x' })],
    ['an offset of the future', ({ pid, offset }) => ({ pid, offset: offset.replace(/\d+$/, n => `${Number(n) + 1_000}`) })],
    ['a key that is no text', () => ({ pid: 5, offset: '1-1' })],
    ['an offset and no key', ({ offset }) => ({ offset })]
  ]) {
    test(`who shows ${what}`, async () => {
      const old = await member(demo)
      old.destroy()
      await another(await claim(demo, auth(old)), old)
    })
  }

  test('who has said goodbye', async () => {
    const old = await member(demo)
    old.give('1')
    await watcher.misses(old.sid)
    await another(await claim(demo, { pid: old.pid, offset: old.offset }), old)
    const { sid } = await old.connect({ pid: old.pid, offset: old.offset })
    assert.notEqual(sid, old.sid, 'also on the same engine')
  })

  test('who says goodbye and shows the key in one breath', async () => {
    for (let round = 0; round < 10; round++) {
      const old = await member(demo)
      const { sid, pid, offset } = old
      old.give('1', connectPacket({ pid, offset }))
      const { type, data } = await old.parsed()
      assert.equal(type, 0)
      await another(Object.assign(old, data), { sid, pid })
    }
  })

  test('who was sent away', async () => {
    const old = await member(demo)
    old.give('2["quit"]')
    assert.equal(await old.packet(), '1')
    await watcher.misses(old.sid)
    await another(await claim(demo, { pid: old.pid, offset: old.offset }), old)
  })

  test('who comes for the key of another namespace', async () => {
    const old = await member(demo)
    const line = await Line.begin(demo)
    const { type } = await line.join({ pid: old.pid, offset: old.offset }, '/nowhere')
    assert.equal(type, 4)
    await old.lives()
  })
})
