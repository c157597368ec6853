// The chat page: rooms on the left, what is said on the right, one connection for all of it.

import { Connection, ownServer } from './connection.js'

const FIXED_ROOMS = ['defaultRoom', 'otherRoom']
const KEPT_MESSAGES = 300
const COUNT_EVERY = 5_000
const SAME_BREATH = 120_000

const $ = id => document.getElementById(id)
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

const connection = new Connection(ownServer())
const rooms = new Map()
let current
let ownId

// ---- small keepsakes -------------------------------------------------------------------------

function remembered (key) {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function remember (key, value) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Without storage the page works as well; it only forgets.
  }
}

function element (tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

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
    await connection.ask({ event: 'roomAdd', room: room.name })
  } catch (error) {
    if (!/already in this room/.test(error.message)) return note(room, `Cannot enter: ${error.message}.`)
  }
  room.joined = true
  if (room === current) await count()
}

/** Asks who is in the room that is shown. */
async function count () {
  const room = current
  if (!room?.joined || !connection.isOpen) return
  try {
    const { data } = await connection.ask({ event: 'roomView', room: room.name })
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
  if (connection.isOpen && !current.joined) join(current)
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

function hue (id) {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 12
  return sum
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

function heard ({ detail: { room: name, from, message, sentAt } }) {
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
  keep(room, { ...said, name: house ? 'the house' : said.name || 'somebody', from, sentAt, own: from === ownId })
}

function draw (line, before) {
  const log = $('log')
  log.querySelector('.empty')?.remove()
  if (line.note) return log.append(element('li', 'note', line.note))
  const item = element('li', line.own ? 'said own' : 'said')
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
    $('log').append(element('li', 'empty', 'Nothing has been said yet. Open this page in a second window to have company.'))
  }
  toEnd()
}

function toEnd () {
  const log = $('log')
  log.scrollTop = log.scrollHeight
}

// ---- the connection --------------------------------------------------------------------------

const STATES = {
  connecting: ['wait', () => 'connecting…'],
  open: ['good', () => 'connected'],
  waiting: ['bad', seconds => `lost, back in ${seconds} s`],
  dismissed: ['bad', () => 'ended by the server']
}

function showState ({ detail: { name, seconds } }) {
  const [mood, text] = STATES[name]
  const was = $('state').dataset.state
  $('state').dataset.state = mood
  $('state').textContent = text(seconds)
  $('retry').hidden = mood !== 'bad'
  $('send').disabled = name !== 'open'
  if (mood === 'bad' && was === 'good') left(name)
}

/** The server has forgotten us: nobody is in any room until we are back. */
function left (name) {
  for (const room of rooms.values()) {
    if (room.joined) note(room, name === 'dismissed' ? 'The server ended the connection.' : 'The connection was lost.')
    room.joined = false
    room.senders.clear()
    room.count = undefined
  }
  showCount()
}

async function enter () {
  try {
    const joins = [...rooms.values()].map(room => join(room))
    const { data } = await connection.ask({ event: 'detailsView' })
    ownId = data.id
    await Promise.all(joins)
  } catch {
    // Lost again meanwhile; the next open comes here once more.
  }
}

// ---- forms -----------------------------------------------------------------------------------

$('say').addEventListener('submit', async event => {
  event.preventDefault()
  const field = $('message')
  const text = field.value.trim()
  if (!text || !connection.isOpen) return
  const room = current
  const name = $('name').value.replaceAll(':', ' ').trim() || 'somebody'
  field.value = ''
  field.focus()
  try {
    await connection.ask({ event: 'say', room: room.name, message: `${name}: ${text}` })
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
    const { didCreate } = await connection.action('createChatRoom', { name })
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
$('retry').addEventListener('click', () => connection.open())

// ---- curtain up ------------------------------------------------------------------------------

$('name').value = remembered('playhouse.name') || `Guest ${10 + Math.floor(Math.random() * 90)}`
for (const name of FIXED_ROOMS) addRoom(name)
const last = remembered('playhouse.room')
show(FIXED_ROOMS.includes(last) ? last : FIXED_ROOMS[0])

connection.addEventListener('state', showState)
connection.addEventListener('open', enter)
connection.addEventListener('say', heard)
setInterval(() => { if (!document.hidden) count() }, COUNT_EVERY)
connection.open()
