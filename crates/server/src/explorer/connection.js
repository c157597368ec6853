// The connection: its state at the top of every page, and a page about it.

import { byId, fill, h } from './dom.js'

const WORDS = {
  none: ['off', () => 'no websocket'],
  off: ['off', () => 'disconnected'],
  connecting: ['wait', () => 'connecting…'],
  open: ['good', () => 'connected'],
  waiting: ['bad', seconds => `lost, back in ${seconds} s`],
  ended: ['bad', () => 'ended by the server']
}

const NONE = 'This application serves no websocket: websocket.enabled or mounts.primus is false in its configuration. ' +
  'Actions can be run over HTTP.'

/** Keeps the pill at the top as the link is. */
export function showState (state, seconds) {
  const [mood, text] = WORDS[state]
  byId('state').dataset.state = mood
  byId('state-text').textContent = text(seconds)
}

/** The page about the connection. */
export function connectionPage (app) {
  const box = h('div', { class: 'stack' })
  const draw = () => fill(box, app.link ? about(app) : h('p', { class: 'empty' }, NONE))
  const events = ['state', 'details']
  for (const name of events) app.link?.addEventListener(name, draw)
  app.rooms.addEventListener('change', draw)
  draw()
  return {
    title: 'Connection',
    parts: [h('header', { class: 'page-head' }, h('h1', { tabindex: '-1' }, 'Connection')), box],
    left () {
      for (const name of events) app.link?.removeEventListener(name, draw)
      app.rooms.removeEventListener('change', draw)
    }
  }
}

function about (app) {
  return [
    h('section', { class: 'card', 'aria-labelledby': 'line-title' },
      h('h2', { id: 'line-title' }, 'This page’s own'),
      h('p', {}, sentence(app.link)), buttons(app.link), app.me && app.link.isOpen && facts(app)),
    h('section', { class: 'card prose', 'aria-labelledby': 'again-title' },
      h('h2', { id: 'again-title' }, 'What a reconnect does'),
      h('p', {}, 'When the line breaks, the page waits a little, longer after each failure, and comes back by itself. The server then sees ',
        h('strong', {}, 'a new connection'), ': a new id, no rooms, counters at zero. This page joins its rooms again, as the ',
        'generated client does; what was said in between was not heard.'),
      h('p', {}, 'When the server ends a connection on purpose it says so first, and the page stays away until you connect it again.'))
  ]
}

function sentence (link) {
  switch (link.state) {
    case 'open': return link.times > 1 ? `Connected, for the ${ordinal(link.times)} time.` : 'Connected.'
    case 'connecting': return 'Connecting…'
    case 'waiting': return 'The line is broken. The next attempt comes by itself; is the server running?'
    case 'ended': return 'The server ended the connection on purpose. Connect again when it is ready for you.'
    default: return 'Disconnected, as you wished. Actions can still be run over HTTP.'
  }
}

function ordinal (n) {
  const tail = n % 100 > 10 && n % 100 < 14 ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'
  return `${n}${tail}`
}

// The same buttons whatever the state is, so that the keyboard's focus stays where it was.
function buttons (link) {
  const away = link.state === 'off' || link.state === 'ended'
  const look = away ? 'button primary' : 'button'
  const first = h('button', { type: 'button', class: look, id: 'toggle-link', onclick: () => away ? link.open() : link.close() },
    away ? 'Connect' : 'Disconnect')
  const focused = document.activeElement?.id === 'toggle-link'
  if (focused) queueMicrotask(() => first.focus())
  return h('div', { class: 'row' }, first,
    h('button', { type: 'button', class: 'button', disabled: link.state !== 'open', onclick: () => link.cut() }, 'Break the line'))
}

function facts ({ me, link, rooms }) {
  const joined = [...rooms.all.values()].filter(room => room.joined).map(room => room.name)
  const rows = {
    id: me.id,
    fingerprint: me.fingerprint,
    address: `${me.remoteIP}:${me.remotePort}`,
    rooms: joined.join(', ') || 'none',
    websocket: link.url
  }
  const row = ([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { class: 'mono' }, String(value)))
  return h('dl', { class: 'facts' }, Object.entries(rows).map(row))
}
