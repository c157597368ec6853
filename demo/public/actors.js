// The actors' page: one counter and one guest book for everybody who is here. Both are actors of the server; this page
// has a seat at each, over one connection. Their state is the server's, and is asked for anew with each new seat.

import { $, element, hue, nameToBegin, newClient, remember } from './parts.js'

const SHOWN_MESSAGES = 200
/** The demo's guest book lets in who knows this word. */
const TOKEN = 'letmein'

const client = newClient()
const counter = client.actor('counter', 'demo')
let book
/** The name that the seat has. */
let me
/** The number of the newest message that is shown. */
let newest = 0
/** What was heard since there is a seat, until it is known what was said before. */
let early = []
let waiting = 0

// ---- the counter -----------------------------------------------------------------------------

function showCount (count) {
  $('count').textContent = count
}

function showWaiting () {
  $('counter-note').textContent = waiting && counter.state !== 'open' ? `${waiting} to be counted when the server is back` : ''
}

async function add (by) {
  waiting += 1
  showWaiting()
  try {
    showCount(await counter.call('increment', by))
    $('counter-note').textContent = ''
  } catch (error) {
    $('counter-note').textContent = uncertain(error) ? 'The last one may have been counted or not.' : `Not counted: ${error.message}.`
  } finally {
    waiting -= 1
  }
}

/** It was sent, and the connection went before the answer came. */
function uncertain ({ code }) {
  return code === 'connection_lost' || code === 'seat_ended'
}

// ---- the guest book --------------------------------------------------------------------------

function draw ({ seq, from, text }) {
  if (seq <= newest) return
  newest = seq
  const log = $('log')
  const item = element('div', 'said')
  item.dataset.hue = hue(from)
  item.classList.toggle('same', log.lastElementChild?.dataset.from === from)
  item.dataset.from = from
  const head = element('p', 'said-head')
  head.append(element('span', 'said-name'))
  item.append(head, element('p', 'said-text', text))
  sign(item)
  log.querySelector('.empty')?.remove()
  log.append(item)
  while (log.childElementCount > SHOWN_MESSAGES) log.firstElementChild.remove()
  log.scrollTop = log.scrollHeight
}

/** Whose it is: one's own messages are those under the name that one has now. */
function sign (item) {
  const { from } = item.dataset
  const own = from === me
  item.classList.toggle('own', own)
  item.querySelector('.said-name').textContent = own ? `${from} (you)` : from
}

function note (text) {
  $('log').querySelector('.empty')?.remove()
  $('log').append(element('p', 'note', text))
  $('log').scrollTop = $('log').scrollHeight
}

/** What is there already stays, as who listens to the log would hear all of it again. */
function catchUp (history) {
  if (newest > (history.at(-1)?.seq ?? 0)) {
    // Another server, or one that has lost what it kept.
    newest = 0
    $('log').replaceChildren()
  }
  history.slice(-SHOWN_MESSAGES).forEach(draw)
  early?.forEach(draw)
  early = null
  if (!$('log').childElementCount) $('log').append(element('p', 'empty', 'Nobody has written anything yet. Open this page in a second window to have company.'))
}

function showPeople (people) {
  $('here').replaceChildren(...people.map(({ username }) => element('li', '', username)))
}

/** What can't be asked for now is asked for with the next seat. */
async function refresh (seat, ...asked) {
  await Promise.all(asked.map(([name, show]) => seat.call(name).then(answer => {
    if (seat === counter || seat === book) show(answer)
  }, () => {})))
}

const askPeople = seat => refresh(seat, ['listConnections', showPeople])

/** A seat at the guest book, under a name. Who takes another name takes another seat. */
function sit (username) {
  const before = book
  book = undefined
  before?.leave()
  me = username
  $('log').querySelectorAll('.said').forEach(sign)
  early = []
  const seat = book = client.actor('chatRoom', 'demo', { username, token: TOKEN })
  seat.on('newMessage', message => early ? early.push(message) : draw(message))
  seat.on('joined', () => askPeople(seat))
  seat.on('left', () => askPeople(seat))
  seat.watch((state, failure) => {
    if (seat !== book) return
    showState()
    early = []
    if (state === 'open') refresh(seat, ['getHistory', catchUp], ['listConnections', showPeople])
    if (state === 'closed') sentOut(failure)
  })
  showState()
}

function sentOut ({ message }) {
  showPeople([])
  note(`You are out: ${message}.`)
}

// ---- the connection --------------------------------------------------------------------------

/** Shows a state, and the button that leads out of it. */
function pill (mood, text, way) {
  $('state').dataset.state = mood
  $('state').textContent = text
  for (const id of ['retry', 'back']) $(id).hidden = id !== way
}

function showState () {
  if (client.state !== 'connected') return
  if (book?.state === 'closed') pill('bad', 'you are out', 'back')
  else if (counter.state === 'open' && book?.state === 'open') pill('good', 'connected')
  else pill('wait', 'taking seats…')
}

function lost ({ why } = {}) {
  pill('bad', why === 'server' ? 'ended by the server' : 'lost', 'retry')
  showPeople([])
}

function connect () {
  // What went wrong is told by the events; the end of a connection that is there is told at once.
  client.connect().catch(() => {})
  pill('wait', 'connecting…')
}

// ---- forms -----------------------------------------------------------------------------------

$('more').addEventListener('click', () => add(1))
$('less').addEventListener('click', () => add(-1))
$('retry').addEventListener('click', connect)
$('back').addEventListener('click', () => {
  sit($('name').value)
  // The button goes.
  $('message').focus()
})

$('say').addEventListener('submit', async event => {
  event.preventDefault()
  const field = $('message')
  const text = field.value.trim()
  if (!text) return
  field.value = ''
  field.focus()
  try {
    await book.call('sendMessage', text)
  } catch (error) {
    if (uncertain(error)) return note(`“${text}” was on its way when the connection went: it may have come or not.`)
    note(`Not written: ${error.message}.`)
    if (!field.value) field.value = text
  }
})

$('name').addEventListener('change', () => {
  const name = $('name').value.trim() || nameToBegin()
  $('name').value = name
  remember('playhouse.name', name)
  sit(name)
})

// ---- curtain up ------------------------------------------------------------------------------

$('name').value = nameToBegin()
counter.on('newCount', showCount)
counter.watch(state => {
  showState()
  if (state === 'open') refresh(counter, ['getCount', showCount])
  showWaiting()
})
sit($('name').value)
client.on('disconnected', lost)
client.on('reconnecting', ({ scheduled = 0 } = {}) => pill('bad', `lost, back in ${Math.ceil(scheduled / 1_000)} s`, 'retry'))
connect()
