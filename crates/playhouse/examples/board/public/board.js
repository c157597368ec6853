// One connection: a seat at the actor `board`, whose notes last, and the room `pointers`, where nothing does.

const KEY = new URLSearchParams(location.search).get('board') || 'main'
/** Pointers are said so often at most, in milliseconds, and shown for so long. */
const EVERY = 60
const SHOWN = 3_000
/** What the style sheet keeps free for a note at the bottom, in pixels. */
const LOW = 80

const $ = id => document.getElementById(id)
const name = `Guest ${10 + Math.floor(Math.random() * 90)}`
const client = new globalThis.ActionheroWebsocketClient({ reconnect: { retries: Infinity, max: 5_000 } })
const board = client.actor('board', KEY, { name })
const notes = new Map()
const pointers = new Map()

// ---- notes

function place (element, { x, y }) {
  element.style.setProperty('--x', x)
  element.style.setProperty('--y', y)
}

function element (tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text })
}

function draw ({ id, by, text, at }) {
  const note = notes.get(id) ?? element('article', 'note', '')
  const away = Object.assign(element('button', '', '×'), { type: 'button', ariaLabel: `Take away: ${text}` })
  away.onclick = () => ask(board.call('unpin', id))
  note.replaceChildren(element('p', '', text), element('small', '', by), away)
  note.onpointerdown = event => { if (event.target !== away) drag(id, note, event) }
  place(note, at)
  notes.set(id, note)
  $('board').append(note)
}

function drag (id, note, down) {
  const from = note.getBoundingClientRect()
  const spot = event =>
    within(event.clientX - down.clientX + from.left, event.clientY - down.clientY + from.top, from.width, LOW)
  note.setPointerCapture(down.pointerId)
  note.onpointermove = event => place(note, spot(event))
  note.onpointerup = event => {
    note.onpointermove = note.onpointerup = null
    ask(board.call('put', id, spot(event)))
  }
}

/** A place in the window as parts of the board, for what is so large there. */
function within (left, top, width = 0, height = 0) {
  const area = $('board').getBoundingClientRect()
  const part = (at, begin, size) => Math.min(1, Math.max(0, (at - begin) / size))
  return { x: part(left, area.left, area.width - width), y: part(top, area.top, area.height - height) }
}

function ask (call) {
  call.catch(error => { $('state').textContent = error.message })
}

board.on('pinned', draw)
board.on('moved', ({ id, at }) => {
  const note = notes.get(id)
  if (note) place(note, at)
})
board.on('unpinned', ({ id }) => {
  notes.get(id)?.remove()
  notes.delete(id)
})
board.watch(async (state, failure) => {
  $('state').dataset.state = state
  $('state').textContent = failure?.message ?? { open: `you are ${name}`, waiting: 'on the way back…' }[state]
  if (state !== 'open') return
  const all = await board.call('notes')
  notes.forEach(note => note.remove())
  notes.clear()
  all.forEach(draw)
})

// ---- pointers

let latest = 0
$('board').addEventListener('pointermove', event => {
  if (client.state !== 'connected' || event.timeStamp - latest < EVERY) return
  latest = event.timeStamp
  client.say('pointers', JSON.stringify({ name, at: within(event.clientX, event.clientY) }))
})

client.on('say', ({ from, message }) => {
  if (message.tidiedBy) $('state').textContent = `${message.tidiedBy} has tidied up`
  if (!message.at || from === client.id) return
  const pointer = pointers.get(from) ?? element('span', 'pointer', message.name)
  clearTimeout(pointer.timer)
  pointer.timer = setTimeout(() => { pointer.remove(); pointers.delete(from) }, SHOWN)
  pointers.set(from, pointer)
  place(pointer, message.at)
  $('board').append(pointer)
})

// ---- begin

$('pin').addEventListener('submit', event => {
  event.preventDefault()
  const text = $('text').value.trim()
  if (!text) return
  $('text').value = ''
  ask(board.call('pin', text, { x: 0.1 + Math.random() * 0.6, y: 0.1 + Math.random() * 0.6 }))
})
$('tidy').addEventListener('click', () => ask(client.action('tidy', { board: KEY, by: name })))
client.connect().then(() => client.roomAdd('pointers'))
