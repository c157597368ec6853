// A plan of cuts: a client that talks and changes rooms while a proxy does its worst, by a seed; and what must be true
// when it is over. Nobody looks at the client alone: a websocket by hand, which goes past the proxy, is the witness.

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { diceOf } from './dice.mjs'
import { Fuse } from './fuse.mjs'
import { get } from './http.mjs'
import { rawConnect } from './raw.mjs'
import { until } from './wait.mjs'

const STEPS = 24
/** A busy machine needs time, and the server to give up a connection that was held. */
const PATIENCE = 15_000
const HASTY = { timeout: 5_000, pingTimeout: 4_500, reconnect: { min: 20, max: 120, retries: 10_000, 'reconnect timeout': 600 } }
const LOST = /connection_lost/
const FULL = /queue_full/
const OUTSIDE = /^Error: connection not in this room/
let plans = 0

/** The interval of the server's pings that suits the clients of a plan. */
export const PINGS = '2000'

/** Runs the plan of a seed. What fails names the seed and shows what happened. */
export async function runPlan (desk, demo, seed, keeps) {
  const plan = new Plan(desk, demo, seed, keeps)
  try {
    await plan.begin()
    await plan.trouble()
    await plan.finale()
    await plan.check()
  } catch (error) {
    await plan.tellAnswers().catch(() => {})
    error.message = `SEED=${seed} PLANS=1: ${error.message}\n${plan.story.join('\n')}`
    throw error
  } finally {
    await plan.end()
  }
}

class Plan {
  constructor (desk, demo, seed, keeps) {
    Object.assign(this, { desk, demo, keeps, dice: diceOf(seed), story: [], said: 0, asked: new Map() })
    this.name = `plan ${process.pid}.${++plans}`
  }

  async begin () {
    const { dice, demo } = this
    this.rooms = ['a', 'b', 'c'].map(room => `${this.name} ${room}`)
    this.queueSize = dice.below(3) === 0 ? 6 + dice.below(4) : undefined
    for (const room of this.rooms) await get(demo, `/api/createChatRoom?name=${encodeURIComponent(room)}`)
    this.witness = await rawConnect(demo)
    this.witness.answerHeartbeats = true
    for (const room of this.rooms) this.witness.send({ event: 'roomAdd', room })
    await this.witness.settled()
    this.proxy = await Fuse.before(demo)
    this.client = await this.desk.connect(this.proxy.url, this.queueSize ? { ...HASTY, queueSize: this.queueSize } : HASTY)
    this.tell(`queueSize ${this.queueSize}`)
  }

  tell (text) {
    this.start ??= performance.now()
    this.story.push(`${Math.round(performance.now() - this.start)} ms: ${text}`)
  }

  /** What the calls got, and what the client told beside. */
  async tellAnswers () {
    const calls = await this.client.calls()
    for (const n of this.asked.keys()) this.tell(`${n} got ${JSON.stringify(calls[n].replies).slice(0, 150)}`)
    this.tell((await this.client.told('connected', 'disconnected', 'reconnecting', 'reconnect', 'error', 'timeout')).join(', '))
  }

  /** Calls of one turn; what they were is kept under their numbers. */
  async call (...calls) {
    for (const n of await this.client.batch(calls)) {
      const call = calls.shift()
      this.asked.set(n, call)
      this.tell(`${n}: ${call.map(part => String(part).replace(`${this.name} `, '')).join(' ')}`)
    }
  }

  say (room = this.dice.of(this.rooms)) {
    return ['say', room, `${this.name} ${++this.said}`]
  }

  async trouble () {
    for (let n = 0; n < STEPS; n++) await this.step()
    this.tell('the trouble is over')
    this.proxy.fuse = undefined
    this.proxy.release()
  }

  async step () {
    const { dice, proxy } = this
    const room = dice.of(this.rooms)
    const steps = [
      [3, () => this.changesRoom('roomAdd', room)],
      [1, () => this.changesRoom('roomLeave', room)],
      [4, () => this.call(this.say())],
      [3, () => this.call(...Array.from({ length: 2 + dice.below(8) }, () => this.say()))],
      [1, () => this.call(['action', 'echo', { p: 'x' }])],
      [2, () => pause(dice.below(40))],
      [2, () => this.client.isBack()],
      [3, how => { this.tell('cut'); proxy.sever(how) }],
      [3, how => { this.tell('fuse'); proxy.burn(1 + dice.below(600), dice.below(2) === 0, how) }],
      [1, () => this.holds(dice.below(12) === 0 ? 5_000 : dice.below(200))],
      [1, () => this.refuses(dice.below(200))]
    ]
    const how = dice.of(['reset', 'end'])
    let at = dice.below(steps.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, step] of steps) {
      if (at < weight) return step(how)
      at -= weight
    }
  }

  /**
   * ActionHero's file joins what it takes for its rooms whenever a room changes, by a list that may be old. So it
   * changes one room at a time.
   */
  async changesRoom (verb, room) {
    if (!this.keeps.tells) for (let n = 0; n < 2; n++) await this.client.isBack()
    await this.call([verb, room])
  }

  async holds (ms) {
    this.tell(`held for ${ms}`)
    this.proxy.hold()
    await pause(ms)
    this.proxy.release()
  }

  async refuses (ms) {
    this.tell(`refused for ${ms}`)
    await this.proxy.refuse()
    await pause(ms)
    await this.proxy.accept()
  }

  /** One more cut, known to the client; what it is asked then comes last, and nothing of it may be missing. */
  async finale () {
    const [room] = this.rooms
    const { data } = await this.client.isBack()
    this.tell('finale')
    await this.client.isCut(() => this.proxy.sever('reset'), { polls: true })
    const before = this.said
    const joins = this.keeps.rejoins && data.rooms.includes(room) ? [] : [['roomAdd', room]]
    await this.call(...joins, this.say(room), this.say(room), this.say(room))
    this.last = Array.from({ length: 3 }, (_, n) => `${this.name} ${before + n + 1}`)
    await this.client.isBack()
  }

  async check () {
    await until('the last messages are heard', () => this.heard().has(this.last[2]), PATIENCE)
    if (this.keeps.tells) await this.allAreAnswered()
    const calls = await this.client.calls()
    this.answers = [...this.asked].map(([n, call]) => ({ n, call, replies: calls[n].replies }))
    for (const answer of this.answers) assert.ok(answer.replies.length <= 1, `${answer.n} is answered more than once`)
    this.walkRooms()
    this.checkSaid()
    await this.checkRooms()
  }

  /**
   * In which rooms it wants to be at each of its calls, and in the end. What the queue dropped was never asked; where
   * that is not told, nobody can say in which rooms it wants to be.
   */
  walkRooms () {
    this.wanted = new Set()
    this.unsure = new Set()
    for (const answer of this.answers) {
      const { call: [verb, room], replies: [reply] } = answer
      if (verb === 'say') answer.wanted = this.wanted.has(room) && !this.unsure.has(room)
      if (!verb.startsWith('room') || (reply && FULL.test(told(reply)))) continue
      if (!reply && this.queueSize) this.unsure.add(room)
      else this.unsure.delete(room)
      if (verb === 'roomAdd') this.wanted.add(room)
      else this.wanted.delete(room)
    }
  }

  allAreAnswered () {
    return until('each call is answered', async () => (await this.client.calls()).every(({ replies }) => replies.length === 1), PATIENCE)
  }

  /** What the witness heard of the plan, and how often. */
  heard () {
    assert.ok(!this.witness.gone, 'the witness is still there (who is too busy to answer pings is closed)')
    const heard = new Map()
    for (const text of this.witness.texts) {
      const { context, message } = JSON.parse(text)
      if (context === 'user') heard.set(message, (heard.get(message) ?? 0) + 1)
    }
    return heard
  }

  checkSaid () {
    const heard = this.heard()
    const order = [...heard.keys()]
    const places = new Map()
    for (const { n, call: [verb, room, text], wanted, replies: [reply] } of this.answers) {
      if (verb !== 'say') continue
      const times = heard.get(text) ?? 0
      const what = `${n}, ${JSON.stringify(reply)}, heard ${times} times`
      if (reply?.status === 'OK') {
        assert.equal(times, 1, `what is answered OK is heard once: ${what}`)
        assert.ok(order.indexOf(text) > (places.get(room) ?? -1), `and in the order in which it was said: ${what}`)
        places.set(room, order.indexOf(text))
      } else if (!reply || LOST.test(told(reply))) {
        assert.ok(times <= 1, `what may be lost is heard once at most: ${what}`)
      } else if (FULL.test(told(reply))) {
        assert.equal(times, 0, `what the queue dropped is not heard: ${what}`)
        assert.ok(this.queueSize, `only a queue with a limit is ever full: ${what}`)
      } else {
        assert.match(reply.error, OUTSIDE, `there is no other reason: ${what}`)
        assert.equal(times, 0, `what is refused is not heard: ${what}`)
        if (this.keeps.rejoins) assert.ok(!wanted, `it is in the rooms that it asked for: ${what}`)
      }
    }
    for (const text of this.last) assert.equal(heard.get(text), 1, `what was said last, while it was down, is heard: ${text}`)
  }

  /** It is in the rooms that it asked for and did not leave, by the server's word, its own, and the witness'. */
  async checkRooms () {
    const { data } = await this.client.isBack()
    if (this.keeps.rejoins) {
      const sure = rooms => [...rooms].filter(room => !this.unsure.has(room)).sort()
      assert.deepEqual(sure(data.rooms), sure(this.wanted), 'its rooms, as the server sees them')
    }
    if (this.keeps.mends) {
      const seen = await this.client.look()
      assert.deepEqual([[...seen.rooms].sort(), seen.id], [[...this.wanted].sort(), data.id], 'its rooms, as it shows them')
    }
    for (const room of this.rooms) {
      await until(`in ${room} are the witness and who asked for it`, async () => {
        const members = await this.membersOf(room)
        return members.length === 1 + Number(data.rooms.includes(room)) && (!data.rooms.includes(room) || members.includes(data.id))
      }, PATIENCE)
    }
  }

  async membersOf (room) {
    const { witness } = this
    const mark = `view ${++this.said}`
    witness.send({ event: 'roomView', room, messageId: mark })
    const reply = await until('the witness is answered', () => witness.texts.find(text => text.includes(`"${mark}"`)))
    return Object.keys(JSON.parse(reply).data.members)
  }

  async end () {
    await this.client?.close()
    this.proxy?.close()
    this.witness?.destroy()
  }
}

/** Whatever a reply says of what went wrong. */
function told (reply) {
  return JSON.stringify([reply.code, reply.error, reply.status])
}
