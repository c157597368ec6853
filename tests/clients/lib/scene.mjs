// Two nodes with people on them, and what must be true of them while Redis is in trouble and afterwards.
//
// Everybody is in `lobby`, which both nodes have members in. On each node two are in a room of their own,
// which nobody else is in: `attic` on the first, `hall` on the second.

import assert from 'node:assert/strict'
import { ask, connect, record } from './client.mjs'
import { call, done, member, ok, roomNames, troubles, untilMembers, untilRoom, untilTrouble } from './cluster.mjs'
import { until } from './wait.mjs'

const OWN = ['attic', 'hall']
/** What needs no Redis is done before anybody could have asked it, slow as it is. */
const AT_ONCE = 400

/** The people on the nodes of a cluster. */
export class Scene {
  static async on (cluster) {
    const scene = new Scene(cluster)
    scene.people = await Promise.all(cluster.nodes.map((node, n) =>
      Promise.all([0, 1].map(() => member(node, 'lobby', OWN[n])))))
    scene.heard = new Map(scene.people.flat().map(client => [client, record(client, 'say')]))
    for (const client of scene.people.flat()) client.on('disconnected', () => { scene.lost += 1 })
    await scene.isWell()
    return scene
  }

  constructor (cluster) {
    Object.assign(this, { cluster, said: 0, lost: 0 })
  }

  get nodes () { return this.cluster.nodes }

  /** How often a client has heard a text. */
  copies (client, text) {
    return this.heard.get(client).filter(([, { message }]) => message === text).length
  }

  /** Says something and waits until all of them have heard it once. The value is how long it took. */
  async say (speaker, room, listeners, ms = 5_000) {
    const text = `${++this.said} in ${room}`
    const started = performance.now()
    const reply = ask(speaker, 'say', room, text)
    await until(`${text} is heard`, () => listeners.every(one => this.copies(one, text) > 0), ms)
    const took = performance.now() - started
    ok(await reply)
    for (const one of listeners) assert.equal(this.copies(one, text), 1, 'heard once')
    return took
  }

  /** What needs no Redis goes on: HTTP, actions, new connections, chat where all members are on one node. */
  async goesOn () {
    for (const [n, node] of this.nodes.entries()) {
      const started = performance.now()
      await done(node, 'well')
      const newcomer = await connect(node.url)
      ok(await ask(newcomer, 'detailsView'))
      ok(await ask(newcomer, 'action', 'well'))
      newcomer.disconnect()
      const took = performance.now() - started
      assert.ok(took < AT_ONCE, `connections and actions without Redis took ${took} ms`)
      assert.ok(await this.say(this.people[n][0], OWN[n], this.people[n]) < AT_ONCE, 'chat within a node')
    }
    assert.equal(this.lost, 0, 'nobody was disconnected')
  }

  /**
   * What needs Redis is refused with a code and a hint: actions, and verbs by their text. Before it is known
   * to be away, who wants something done is told that nobody knows whether it was.
   */
  async refuses (code = /^engine_away: /, hint = /try again/) {
    for (const [n, node] of this.nodes.entries()) {
      await until('it is known to be away', async () => {
        const { error } = (await call(node, 'keep', { key: 'k', value: 1 })).json
        assert.match(error, /^(engine_away|outcome_unknown): /)
        return code.test(error)
      })
      const far = this.people[1 - n][0].id
      const asked = {
        keep: { key: 'k', value: 1 }, kept: { key: 'k' }, count: { key: 'n' }, lock: { name: 'l', token: 't', ms: 1000 },
        addRoom: { name: `made in trouble ${n}` }, countMembers: { room: 'lobby' }, detailsOf: { id: far }, sendTo: { id: far, message: 1 }
      }
      await Promise.all(Object.entries(asked).map(async ([action, params]) => {
        const { status, json } = await call(node, action, params)
        assert.equal(status, 503, `${action}: ${JSON.stringify(json)}`)
        assert.match(json.error, code, action)
        assert.match(json.error, hint, action)
      }))
      const newcomer = await connect(node.url)
      for (const room of ['lobby', OWN[n]]) assert.match((await ask(newcomer, 'roomAdd', room)).error, hint)
      assert.match((await ask(this.people[n][0], 'roomView', 'lobby')).error, hint)
      newcomer.disconnect()
    }
  }

  /** What is said to people on both nodes is refused as a whole: nobody hears it, not then and not later. */
  async refusesChat (hint = /try again/) {
    const refused = []
    for (const [speaker] of this.people) {
      const text = `refused ${++this.said}`
      assert.match((await ask(speaker, 'say', 'lobby', text)).error, hint)
      refused.push(text)
    }
    this.unheard = [...this.unheard ?? [], ...refused]
  }

  /** Each node says what is wrong. */
  async tells (pattern, ms) {
    const said = await Promise.all(this.nodes.map(node => untilTrouble(node, pattern, ms)))
    return said.flat()
  }

  /** It heals by itself, and then everything works for everybody. */
  async heals (ms = 10_000) {
    await this.cluster.untilWell(ms)
    await this.isWell()
  }

  /** Everything works for everybody. */
  async isWell () {
    const all = this.people.flat()
    await untilMembers(all, 'lobby', all)
    for (const [n, people] of this.people.entries()) {
      await untilMembers(people, OWN[n], people)
      await this.say(people[0], OWN[n], people)
      await this.say(people[1], 'lobby', all)
    }
    await this.sharesRooms()
    await this.sharesRest()
    for (const text of this.unheard ?? []) {
      for (const one of all) assert.equal(this.copies(one, text), 0, `${text}, and yet it was heard`)
    }
    for (const node of this.nodes) assert.deepEqual(await troubles(node), [])
    assert.equal(this.lost, 0, 'nobody was disconnected')
  }

  async sharesRooms () {
    for (const [n, node] of this.nodes.entries()) {
      const name = `made ${++this.said}`
      assert.equal((await done(node, 'addRoom', { name })).did, true)
      await untilRoom(this.nodes[1 - n], name)
      await done(this.nodes[1 - n], 'removeRoom', { name })
      await untilRoom(node, name, false)
      for (const room of ['lobby', ...OWN]) assert.ok((await roomNames(node)).includes(room), room)
    }
  }

  async sharesRest () {
    for (const [n, node] of this.nodes.entries()) {
      const value = ++this.said
      await done(node, 'keep', { key: 'shared', value })
      assert.equal((await done(this.nodes[1 - n], 'kept', { key: 'shared' })).value, value)
      const far = this.people[1 - n][0]
      assert.equal((await done(node, 'detailsOf', { id: far.id })).details.id, far.id)
    }
  }
}
