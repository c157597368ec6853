// The explorer: reads what the application offers, and puts its parts together. Which page is shown stands in the
// address behind the `#`, so that every page can be linked to.

import { actionPage } from './action.js'
import { connectionPage, showState } from './connection.js'
import { byId, fill, h } from './dom.js'
import { keys } from './keys.js'
import { Link } from './link.js'
import { List } from './list.js'
import { lookButton } from './look.js'
import { overviewPage } from './overview.js'
import { placesOf } from './places.js'
import { roomPage } from './room.js'
import { Rooms } from './rooms.js'
import { Wire } from './wire.js'

const app = { page: null, me: null, link: null }

function view (name) {
  document.body.dataset.view = name
  for (const button of document.querySelectorAll('.views button')) {
    if (button.dataset.to === name) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
}

// ---- which page ------------------------------------------------------------------------------

function pageFor (hash) {
  const [kind, name, version] = hash.replace(/^#\/?/, '').split('/').map(part => decode(part))
  if (!kind) return overviewPage(app)
  if (kind === 'connection') return connectionPage(app)
  if (kind === 'rooms' && name) return roomPage(app, name)
  const found = kind === 'actions' && app.manifest.actions.find(action =>
    action.name === name && (version ? String(action.version) === version : action.isLatest))
  return found ? actionPage(app, found) : missing(hash)
}

function decode (part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function missing (hash) {
  return {
    title: 'Not found',
    parts: [h('header', { class: 'page-head' }, h('h1', { tabindex: '-1' }, 'There is nothing here'),
      h('p', {}, 'This application has no ', h('code', {}, decode(hash.replace(/^#\/?/, ''))),
        '. It may have been renamed; the list and its search show what there is.'))]
  }
}

function show () {
  app.page?.left?.()
  app.page = pageFor(location.hash)
  fill(byId('main'), app.page.parts)
  byId('main').scrollTop = 0
  document.title = [app.page.title, app.manifest.name, 'Explorer'].filter(Boolean).join(' · ')
  app.list.mark()
}

function gone () {
  show()
  view('main')
  byId('main').querySelector('h1')?.focus()
}

// ---- the connection --------------------------------------------------------------------------

function follow () {
  const { link, wire } = app
  link.addEventListener('frame', ({ detail }) => wire.frame(detail))
  link.addEventListener('state', ({ detail: { state, seconds } }) => showState(state, seconds))
  link.addEventListener('lost', ({ detail: { state } }) => {
    app.me = null
    wire.remark(state === 'waiting' ? 'The connection was lost.' : state === 'ended' ? 'The server ended the connection.' : 'Disconnected.')
  })
  link.addEventListener('open', async ({ detail: { again } }) => {
    wire.remark(again ? 'Connected again: to the server this is a new connection, in no room.' : 'Connected.')
    try {
      app.me = (await link.verb({ event: 'detailsView' })).data
      link.tell('details')
    } catch {
      // Lost again meanwhile; the next open asks once more.
    }
  })
}

/** How often the server pings; where it does not say so, silence is not taken for the end. */
async function signsOfLife () {
  try {
    const spec = await (await fetch(`${app.places.primus}/spec`)).json()
    app.link.expectSigns(Number(spec.pingInterval) || 0)
  } catch {
    // Without it the browser's own notice of a lost line is all there is.
  }
}

// ---- curtain up ------------------------------------------------------------------------------

function begin (manifest) {
  app.manifest = manifest
  app.places = placesOf(manifest.places)
  app.wire = new Wire(byId('wire'))
  app.seen = entry => app.wire.add(entry)
  app.link = app.places.websocket ? new Link(app.places.websocket) : null
  if (app.link) follow()
  app.rooms = new Rooms(app.link ?? new EventTarget(), manifest.rooms)
  app.list = new List(app)
  byId('app-name').textContent = manifest.name
  byId('app-version').textContent = manifest.version
  if (location.hash.length > 2) view('main')
  show()
  addEventListener('hashchange', gone)
  keys(app)
  if (!app.link) return showState('none')
  app.link.open()
  signsOfLife()
}

async function load () {
  let manifest
  try {
    const answer = await fetch('manifest.json', { cache: 'no-cache' })
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    manifest = await answer.json()
  } catch (error) {
    return unread(error instanceof TypeError ? 'the server can’t be reached' : error.message)
  }
  begin(manifest)
}

function unread (why) {
  fill(byId('main'), h('header', { class: 'page-head', role: 'alert' }, h('h1', {}, 'The list of actions could not be read'),
    h('p', {}, `It is in manifest.json beside this page, but ${why}. Is the application running, and is its setting mounts.explorer still on?`),
    h('p', {}, h('button', { type: 'button', class: 'button primary', onclick: () => location.reload() }, 'Try again'))))
  view('main')
  showState('none')
}

lookButton()
for (const button of document.querySelectorAll('.views button')) button.addEventListener('click', () => view(button.dataset.to))
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault()
  view('main')
  byId('main').focus()
})
view(document.body.dataset.view)
load()
