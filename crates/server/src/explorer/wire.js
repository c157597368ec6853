// Everything that travels, both ways, as it happens. Only the last ones are kept, so a busy room can't fill the browser.

import { byId, byteLength, clock, fill, h, size } from './dom.js'
import { described } from './frames.js'
import { jsonBlock, textBlock } from './json.js'

const KEPT = 500

export class Wire {
  constructor (section) {
    Object.assign(this, { entries: [], count: 0, paused: false, missed: 0, dirty: false, drawn: 0 })
    this.log = h('ol', { class: 'frames', id: 'frames', tabindex: '0', 'aria-label': 'Frames, the newest last' })
    this.note = h('p', { class: 'quiet wire-note' })
    const plain = { autocomplete: 'off', spellcheck: 'false' }
    this.filter = h('input', { id: 'wire-filter', type: 'search', placeholder: 'Filter', ...plain, oninput: () => this.redraw() })
    this.ways = h('select', { id: 'wire-ways', onchange: () => this.redraw() },
      h('option', { value: '' }, 'both ways'), h('option', { value: 'out' }, 'sent'), h('option', { value: 'in' }, 'received'))
    this.beats = h('input', { id: 'wire-beats', type: 'checkbox', onchange: () => this.redraw() })
    this.pause = h('button', { type: 'button', class: 'button small', 'aria-pressed': 'false', onclick: () => this.toggle() }, 'Pause')
    fill(section, this.head(), this.log, this.note)
    this.redraw()
  }

  head () {
    return h('div', { class: 'wire-head' },
      h('div', { class: 'card-head' }, h('h2', { id: 'wire-title' }, 'Wire'),
        h('div', { class: 'row' }, this.pause, h('button', { type: 'button', class: 'button small', onclick: () => this.clear() }, 'Clear'))),
      h('div', { class: 'wire-tools' },
        h('label', { class: 'unseen', for: 'wire-filter' }, 'Filter frames by text'), this.filter,
        h('label', { class: 'unseen', for: 'wire-ways' }, 'Direction'), this.ways,
        h('label', { class: 'check' }, this.beats, h('span', {}, 'heartbeats'))))
  }

  /** A frame of the websocket. */
  frame ({ way, text }) {
    this.add({ way, text, ...described(way, text) })
  }

  /** Anything that travelled: {way, label, text, bytes?, bad?, beat?}. */
  add (entry) {
    this.count += 1
    this.entries.push({ bytes: byteLength(entry.text), ...entry, at: Date.now(), n: this.count })
    if (this.entries.length > KEPT) this.entries.shift()
    if (this.paused) this.missed += 1
    this.later()
  }

  /** A remark of the page. */
  remark (text) {
    this.add({ way: 'note', label: text, text: '' })
  }

  // A thousand frames in a moment are one drawing.
  later () {
    if (this.dirty) return
    this.dirty = true
    requestAnimationFrame(() => {
      this.dirty = false
      if (!this.paused) this.drawNew()
      this.tell()
    })
  }

  wanted (entry) {
    if (entry.beat && !this.beats.checked) return false
    if (this.ways.value && entry.way !== 'note' && entry.way !== this.ways.value) return false
    const words = this.filter.value.trim().toLowerCase()
    return !words || `${entry.label} ${entry.text}`.toLowerCase().includes(words)
  }

  drawNew () {
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40
    const fresh = this.entries.filter(entry => entry.n > this.drawn)
    this.drawn = this.count
    const oldest = this.entries[0]?.n ?? Infinity
    while (Number(this.log.firstElementChild?.dataset.n) < oldest) this.log.firstElementChild.remove()
    const items = fresh.filter(entry => this.wanted(entry)).map(entry => this.item(entry))
    if (items.length) this.log.querySelector('.empty')?.remove()
    this.log.append(...items)
    if (!this.log.childElementCount) this.log.append(h('li', { class: 'empty' }, this.emptyWords()))
    if (near) this.log.scrollTop = this.log.scrollHeight
  }

  emptyWords () {
    if (!this.entries.length) return 'Nothing has travelled yet. Frames of the websocket and calls over HTTP appear here.'
    return 'Nothing that was kept fits the filter.'
  }

  redraw () {
    this.log.replaceChildren()
    this.drawn = 0
    this.drawNew()
    this.tell()
  }

  item (entry) {
    if (entry.way === 'note') return h('li', { class: 'remark', data: { n: entry.n } }, h('time', {}, clock.format(entry.at)), ` ${entry.label}`)
    const arrow = entry.way === 'out' ? '↑' : '↓'
    const summary = h('summary', {},
      h('span', { class: 'arrow', 'aria-hidden': 'true' }, arrow), h('span', { class: 'unseen' }, entry.way === 'out' ? 'sent' : 'received'),
      h('span', { class: 'frame-label' }, entry.label), h('span', { class: 'frame-side' }, `${clock.format(entry.at)} · ${size(entry.bytes)}`),
      h('span', { class: 'frame-text' }, entry.text.slice(0, 200)))
    const box = h('details', {}, summary)
    // Drawn when it is opened, as most never are.
    box.addEventListener('toggle', () => { if (box.open && box.childElementCount === 1) box.append(body(entry.text)) })
    return h('li', { class: [entry.way, entry.bad && 'bad'].filter(Boolean).join(' '), data: { n: entry.n } }, box)
  }

  toggle () {
    this.paused = !this.paused
    this.missed = 0
    this.pause.textContent = this.paused ? 'Resume' : 'Pause'
    this.pause.setAttribute('aria-pressed', String(this.paused))
    if (!this.paused) this.drawNew()
    this.tell()
  }

  clear () {
    this.entries = []
    this.missed = 0
    this.redraw()
  }

  tell () {
    const lost = this.entries.length ? this.entries[0].n - 1 : 0
    const hidden = this.paused ? 0 : this.entries.filter(entry => !this.wanted(entry)).length
    const parts = [
      this.paused && `Paused; ${this.missed} came meanwhile.`,
      hidden && `${hidden} hidden by the filter.`,
      this.entries.length === KEPT && lost > 0 && `The last ${KEPT} are kept.`
    ].filter(Boolean)
    this.note.textContent = parts.join(' ')
    byId('wire-count').textContent = this.entries.length ? String(this.entries.length) : ''
  }
}

function body (text) {
  if (!text) return h('p', { class: 'quiet' }, 'No body.')
  try {
    return jsonBlock(JSON.parse(text), 'Frame')
  } catch {
    return textBlock(text, 'Frame')
  }
}
