// The chat page: rooms on the left, what is said on the right, one connection for all of it. The connection is
// ActionHero's client, which the server itself writes; chat.html loads it.

import { $, element, hue, nameToBegin, newClient, remember, remembered } from './parts.js'

const FIXED_ROOMS = ['defaultRoom', 'otherRoom']
const KEPT_MESSAGES = 300
const COUNT_EVERY = 5_000
const SAME_BREATH = 120_000

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

const client = newClient()
const rooms = new Map()
let current

// ---- rooms -----------------------------------------------------------------------------------

function addRoom (name) {
  if (rooms.has(name)) return rooms.get(name)
  const item = element('li')
  const button = element('button', 'room-button')
  button.type = 'button'
  const unread = element('span', 'unread')
  button.append(element('span', 'room-name', name), unread)
  button.addEventListener('click', () => { show(name); $('message').focus() })
  item.append(button)
  $('rooms').append(item)
  const room = { name, button, unreadBadge: unread, messages: [], senders: new Set(), unread: 0, joined: false, count: undefined }
  rooms.set(name, room)
  return room
}

async function join (room) {
  try {
    await client.roomAdd(room.name)
  } catch (error) {
    if (error.code !== 'already_in_room') return note(room, `Cannot enter: ${error.message}.`)
  }
  room.joined = true
  if (room === current) await count()
}

/** Asks who is in the room that is shown. */
async function count () {
  const room = current
  if (!room?.joined || !isOpen()) return
  try {
    const { data } = await client.roomView(room.name)
    room.count = data.membersCount
  } catch {
    room.count = undefined
  }
  if (room === current) showCount()
}

function showCount () {
  const { count: members } = current
  $('members').textContent = members === undefined ? '' : members === 1 ? 'only you are here' : `${members} people are here`
}

function show (name) {
  current = rooms.get(name)
  current.unread = 0
  showUnread(current)
  for (const room of rooms.values()) {
    if (room === current) room.button.setAttribute('aria-current', 'true')
    else room.button.removeAttribute('aria-current')
  }
  $('room-title').textContent = name
  $('message').placeholder = `Say something in ${name}`
  $('message-label').textContent = `Message to ${name}`
  $('log').setAttribute('aria-label', `Messages in ${name}`)
  redraw()
  showCount()
  remember('playhouse.room', name)
  if (isOpen() && !current.joined) join(current)
  else count()
}

function showUnread (room) {
  const { unread } = room
  room.unreadBadge.textContent = unread ? String(Math.min(unread, 99)) : ''
  room.button.setAttribute('aria-label', unread ? `${room.name}, ${unread} unread` : room.name)
}

// ---- what is said ----------------------------------------------------------------------------

/**
 * Names travel in front of the text, as `name: text`, so that every other client can read them.
 * Anybody may claim any name; the sender's id beside it tells people apart.
 */
function split (message) {
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const found = /^([^:\n]{1,24}): ([\s\S]+)$/.exec(text)
  return found ? { name: found[1], text: found[2] } : { name: '', text }
}

function keep (room, line) {
  room.messages.push(line)
  if (room.messages.length > KEPT_MESSAGES) {
    room.messages.shift()
    if (room === current) $('log').firstElementChild?.remove()
  }
  if (room === current) {
    draw(line, room.messages.at(-2))
    toEnd()
  }
}

/** A remark of the page itself. */
function note (room, text) {
  keep(room, { note: text })
}

function heard ({ room: name, from, message, sentAt }) {
  const room = rooms.get(name)
  if (!room) return
  if (room !== current) {
    room.unread += 1
    showUnread(room)
  }
  if (!room.senders.has(from)) {
    // Somebody new: the number of people has changed as well.
    room.senders.add(from)
    if (room === current) count()
  }
  const said = split(message)
  const house = from === '0'
  keep(room, { ...said, name: house ? 'the house' : said.name || 'somebody', from, sentAt, own: from === client.id })
}

function draw (line, before) {
  const log = $('log')
  log.querySelector('.empty')?.remove()
  if (line.note) return log.append(element('p', 'note', line.note))
  const item = element('div', line.own ? 'said own' : 'said')
  item.dataset.hue = hue(line.from)
  const same = before && before.from === line.from && before.name === line.name && line.sentAt - before.sentAt < SAME_BREATH
  if (same) item.classList.add('same')
  const head = element('p', 'said-head')
  const time = element('time', 'said-time', clock.format(line.sentAt))
  time.dateTime = new Date(line.sentAt).toISOString()
  const id = element('span', 'said-id', line.from.slice(0, 4))
  id.title = `connection ${line.from}`
  head.append(element('span', 'said-name', line.own ? `${line.name} (you)` : line.name), id, time)
  item.append(head, element('p', 'said-text', line.text))
  log.append(item)
}

function redraw () {
  $('log').replaceChildren()
  current.messages.forEach((line, n) => draw(line, current.messages[n - 1]))
  if (!current.messages.length) {
    $('log').append(element('p', 'empty', 'Nothing has been said yet. Open this page in a second window to have company.'))
  }
  toEnd()
}

function toEnd () {
  const log = $('log')
  log.scrollTop = log.scrollHeight
}

// ---- the connection --------------------------------------------------------------------------

const isOpen = () => client.state === 'connected'

function showState (mood, text) {
  $('state').dataset.state = mood
  $('state').textContent = text
  $('retry').hidden = mood !== 'bad'
  $('send').disabled = mood !== 'good'
}

/** Who is to come back comes back by itself; who was sent away waits to be asked. */
function lost ({ why } = {}) {
  const dismissed = why === 'server'
  showState('bad', dismissed ? 'ended by the server' : 'lost')
  // The server has forgotten us: nobody is in any room until we are back.
  for (const room of rooms.values()) {
    if (room.joined) note(room, dismissed ? 'The server ended the connection.' : 'The connection was lost.')
    room.joined = false
    room.senders.clear()
    room.count = undefined
  }
  showCount()
}

function waiting ({ scheduled = 0 } = {}) {
  showState('bad', `lost, back in ${Math.ceil(scheduled / 1_000)} s`)
}

/** The client has joined again the rooms it was in; the others are new, or were opened by a server that is gone. */
async function enter () {
  // Behind some proxies no websocket passes.
  showState('good', client.transport === 'polling' ? 'connected by polling' : 'connected')
  await Promise.all([...rooms.values()].map(room => {
    if (!client.rooms.includes(room.name)) return join(room)
    room.joined = true
    return undefined
  }))
  await count()
}

function connect () {
  // What went wrong is told by the events; the end of a connection that is there is told at once.
  client.connect().catch(() => {})
  showState('wait', 'connecting…')
}

// ---- forms -----------------------------------------------------------------------------------

$('say').addEventListener('submit', async event => {
  event.preventDefault()
  const field = $('message')
  const text = field.value.trim()
  if (!text || !isOpen()) return
  const room = current
  const name = $('name').value.replaceAll(':', ' ').trim() || 'somebody'
  field.value = ''
  field.focus()
  try {
    await client.say(room.name, `${name}: ${text}`)
  } catch (error) {
    note(room, `Not said: ${error.message}.`)
    if (!field.value) field.value = text
  }
})

$('create').addEventListener('submit', async event => {
  event.preventDefault()
  const field = $('new-room')
  const name = field.value.trim()
  if (!name) return field.focus()
  try {
    const { didCreate } = await client.action('createChatRoom', { name })
    $('create-note').textContent = didCreate ? `${name} is open.` : `${name} was open already.`
    field.value = ''
    addRoom(name)
    show(name)
    $('message').focus()
  } catch (error) {
    $('create-note').textContent = `Not opened: ${error.message}.`
  }
})

$('name').addEventListener('change', () => remember('playhouse.name', $('name').value.trim()))
$('retry').addEventListener('click', connect)

// ---- curtain up ------------------------------------------------------------------------------

$('name').value = nameToBegin()
for (const name of FIXED_ROOMS) addRoom(name)
const last = remembered('playhouse.room')
show(FIXED_ROOMS.includes(last) ? last : FIXED_ROOMS[0])

client.on('connected', enter)
client.on('reconnect', enter)
client.on('disconnected', lost)
client.on('reconnecting', waiting)
client.on('say', heard)
setInterval(() => { if (!document.hidden) count() }, COUNT_EVERY)
connect()
