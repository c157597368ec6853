// What the npm package's types let through, and what not. Checked by tsc; nothing of it runs.

import Client, { ActionheroClient, ActionheroWebsocketClient, Primus } from 'playhouse-client'
import type { Failure, Said } from 'playhouse-client'
import type { ActionheroWebsocketClient as Made } from '../../src/actionhero/client'
import type { PrimusClient } from '../../src/primus/primus'

interface Actions {
  cacheTest: { params: { key: string, value: string }, result: { saved: boolean }, errors: 'missing_param' | 'invalid' }
  status: { params: {}, result: { uptime: number }, errors: never }
  sleepTest: { params: { ms?: number }, result: {} }
}
interface Rooms {
  lobby: string | { line: string }
  numbers: number
}

interface Actors {
  counter: { actions: { increment: (by?: number) => number, nothing: () => Promise<null> }, events: { newCount: [number] } }
  chatRoom: { params: { username: string }, actions: {}, events: {} }
}

async function seated (client: Client<Actions, Rooms, Actors>): Promise<void> {
  const counter = client.actor('counter', ['a', 'b'])
  const count: number = await counter.call('increment', 1)
  await counter.call('nothing')
  const off: () => void = counter.on('newCount', count => count.toFixed())
  // @ts-expect-error: a text where a number belongs
  counter.call('increment', 'one')
  // @ts-expect-error: no action of this name
  counter.call('decrement')
  // @ts-expect-error: no event of this name
  counter.once('oldCount', () => {})
  // @ts-expect-error: no actor of this name
  client.actor('counters', 'a')
  client.actor('chatRoom', undefined, { username: 'ann' }).leave()
  // @ts-expect-error: it wants parameters
  client.actor('chatRoom', 'a')
  // @ts-expect-error: and others than these
  client.actor('chatRoom', 'a', { user: 'ann' })
  counter.watch((state, failure) => { if (state === 'closed') void failure!.code })
  off()
  counter.leave()
  void count
}

async function anyActor (client: ActionheroWebsocketClient): Promise<void> {
  const chat = client.actor('chatRoom', 'x', { token: 't' })
  chat.on('newMessage', message => message.text.trim())
  void (await chat.call('getHistory', 1, 'two')).length
}

async function typed (client: Client<Actions, Rooms>): Promise<void> {
  const { saved } = await client.action('cacheTest', { key: 'k', value: 'v' })
  const yes: boolean = saved
  // @ts-expect-error: a number where a text belongs
  client.action('cacheTest', { key: 1, value: 'v' })
  // @ts-expect-error: an input is missing
  client.action('cacheTest', { key: 'k' })
  // @ts-expect-error: all inputs are missing
  client.action('cacheTest')
  // @ts-expect-error: an input that the action does not have
  client.action('cacheTest', { key: 'k', value: 'v', other: 1 })
  // @ts-expect-error: no action of this name
  client.action('cachetest', { key: 'k', value: 'v' })
  // @ts-expect-error: a field that the result does not have
  void (await client.action('status')).uptimes
  client.action('status', reply => {
    if (reply.error) return
    const uptime: number = reply.uptime
    void uptime
  })
  client.action('cacheTest', { key: 'k', value: 'v', httpMethod: 'GET' }, reply => {
    if (!reply.error) return void reply.saved
    if (reply.code === 'missing_param' || reply.code === 'connection_lost') return
    // @ts-expect-error: no such code
    if (reply.code === 'mising_param') return
  })
  client.action('sleepTest', { ms: 5 }, () => {})
  client.action('sleepTest', null, () => {})
  client.on('say', message => {
    if (message.room === 'numbers') message.message.toFixed()
    else if (typeof message.message !== 'string') message.message.line.trim()
  })
  // @ts-expect-error: no event of this name
  client.on('sya', () => {})
  client.on('disconnected', reason => void (reason && reason.why === 'offline'))
  client.roomAdd('lobby')
  client.roomAdd('made by a person')
  void yes
}

async function untyped (client: ActionheroWebsocketClient): Promise<void> {
  const reply = await client.action('anything', { at: 'all' })
  void reply.whatever
  const view = await client.roomView('lobby')
  const count: number = view.data.membersCount
  client.on('say', ({ message, room }: Said) => void [message.any, room.trim()])
  client.connect((error, details) => void [error && error.message, details && details.data.id])
  client.file('x', reply => { if (!reply.error) reply.content.trim() })
  try {
    await client.say('lobby', 'hi')
  } catch (error) {
    void (error as Failure).code
  }
  void count
}

void [typed, untyped, seated, anyActor]
void new ActionheroClient({ url: 'http://h', reconnect: { min: '1 s', 'reconnect timeout': 5 }, strategy: false })
void new Client({}, new Primus('http://h'))
Primus.prototype.ark.plugin = (primus, options) => { primus.transform('incoming', packet => { packet.data = options.url }) }
Primus.connect('http://h').on('open', () => {}).end()
// @ts-expect-error: no text
void new ActionheroClient({ url: 5 })

// Everything that the types promise is there.
type Missing<Declared, There> = Exclude<keyof Declared, keyof There>
const none: [Missing<Client, Made>, Missing<Primus, PrimusClient>] extends [never, never] ? true : false = true
void none
