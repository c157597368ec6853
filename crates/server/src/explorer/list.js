// The list on the left: actions and rooms, what of them fits the search, and the way through them with the arrows.

import { byId, fill, h } from './dom.js'

/** The list of an application. */
export class List {
  constructor (app) {
    this.app = app
    this.search = byId('search')
    this.box = byId('lists')
    this.goTo = h('form', { class: 'go-to' },
      h('label', { class: 'unseen', for: 'go-to' }, 'Name of another room'),
      h('input', { id: 'go-to', type: 'text', placeholder: 'Another room', maxlength: '200', autocomplete: 'off', spellcheck: 'false' }),
      h('button', { class: 'button small', type: 'submit' }, 'Go'))
    this.search.addEventListener('input', () => this.draw())
    this.search.addEventListener('keydown', event => this.searchKey(event))
    this.box.addEventListener('keydown', event => this.arrows(event))
    this.goTo.addEventListener('submit', event => this.enterRoom(event))
    app.rooms.addEventListener('change', () => this.drawRooms())
    this.actions = h('ul', { 'aria-labelledby': 'actions-title' })
    this.rooms = h('ul', { 'aria-labelledby': 'rooms-title' })
    this.nothing = h('p', { class: 'empty' })
    this.title = h('h2', { id: 'actions-title' })
    fill(this.box, this.nothing, this.title, this.actions, h('h2', { id: 'rooms-title' }, 'Rooms'), this.rooms, app.places.websocket && this.goTo)
    this.draw()
  }

  get words () { return this.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean) }

  fits (...texts) {
    const all = texts.join(' ').toLowerCase()
    return this.words.every(word => all.includes(word))
  }

  draw () {
    const { actions } = this.app.manifest
    const shown = actions.filter(action => this.fits(action.name, action.description, ...action.inputs.map(input => input.name)))
    const count = shown.length === actions.length ? String(actions.length) : `${shown.length} of ${actions.length}`
    fill(this.title, 'Actions ', h('span', { class: 'count' }, count))
    fill(this.actions, shown.map(action => this.action(action)))
    this.drawRooms()
    this.nothing.hidden = this.links().length > 0
    this.nothing.textContent = this.words.length
      ? `Nothing fits “${this.search.value.trim()}”. Escape empties the search.`
      : 'This application has no actions yet.'
  }

  action (action) {
    const summary = firstWords(action.description)
    const blocked = action.web && action.websocket ? '' : action.web ? 'HTTP only' : action.websocket ? 'websocket only' : 'internal'
    return this.item(actionHash(action), action.name, summary,
      !action.isLatest && h('span', { class: 'chip' }, `v${action.version}`), blocked && h('span', { class: 'chip' }, blocked))
  }

  drawRooms () {
    const shown = [...this.app.rooms.all.values()].filter(room => this.fits(room.name))
    const focused = document.activeElement?.closest?.('#lists a')?.getAttribute('href')
    fill(this.rooms, shown.map(room => {
      const state = room.joined ? h('span', { class: 'chip good' }, 'joined') : ''
      const unread = room.unread ? h('span', { class: 'unread', 'aria-label': `${room.unread} unheard` }, String(Math.min(room.unread, 99))) : ''
      return this.item(roomHash(room.name), room.name, '', state, unread)
    }))
    this.mark()
    if (focused) this.links().find(link => link.getAttribute('href') === focused)?.focus()
  }

  item (hash, name, summary, ...chips) {
    return h('li', {}, h('a', { href: hash }, h('span', { class: 'name mono' }, name), chips, summary && h('span', { class: 'summary' }, summary)))
  }

  /** Shows which one is open; only that one is on the way of the Tab key. */
  mark () {
    const links = this.links()
    const here = links.find(link => link.getAttribute('href') === location.hash)
    for (const link of links) {
      link.tabIndex = link === (here ?? links[0]) ? 0 : -1
      if (link === here) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
  }

  links () { return [...this.box.querySelectorAll('ul a')] }

  searchKey (event) {
    const links = this.links()
    if (event.key === 'ArrowDown' && links.length) links[0].focus()
    else if (event.key === 'Enter' && links.length) links[0].click()
    else if (event.key === 'Escape' && this.search.value) this.empty()
    else if (event.key === 'Escape') this.focus()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  empty () {
    this.search.value = ''
    this.draw()
  }

  arrows (event) {
    const links = this.links()
    const at = links.indexOf(document.activeElement)
    if (at < 0) return
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    if (to < 0) this.search.focus()
    else links[Math.min(to, links.length - 1)].focus()
  }

  /** Puts the focus on what is open, or on the first. */
  focus () {
    const links = this.links()
    const link = links.find(link => link.tabIndex === 0) ?? this.search
    link.focus()
  }

  enterRoom (event) {
    event.preventDefault()
    const field = byId('go-to')
    if (!field.value) return field.focus()
    this.app.rooms.room(field.value)
    location.hash = roomHash(field.value)
    field.value = ''
  }
}

/** The first paragraph, without the marks of Markdown. */
const firstWords = text => text.split('\n\n')[0].replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '')

export const actionHash = action => `#/actions/${encodeURIComponent(action.name)}${action.isLatest ? '' : `/${action.version}`}`
export const roomHash = name => `#/rooms/${encodeURIComponent(name)}`
