// The page of one room: going in and out, who is there, what is heard, saying something.

import { announce, clock, fill, h } from './dom.js'
import { jsonBlock, textBlock } from './json.js'
import { typeText } from './types.js'

const UNNAMED = 'A room that the application does not name itself; it may have been opened while it runs.'

/** The page of the room of that name. */
export function roomPage (app, name) {
  const page = new RoomPage(app, app.rooms.room(name))
  return { title: name, parts: page.parts(), left: () => page.left() }
}

class RoomPage {
  constructor (app, room) {
    Object.assign(this, { app, room, drawn: null })
    this.button = h('button', { type: 'button', class: 'button primary', onclick: () => this.toggle() })
    this.trouble = h('p', { class: 'error', role: 'alert', hidden: true })
    this.log = h('div', { class: 'heard', role: 'log', tabindex: '0', 'aria-label': `Heard in ${room.name}` })
    this.members = h('div', { class: 'members' })
    this.text = h('input', { id: 'say', type: 'text', maxlength: '2000', autocomplete: 'off', enterkeyhint: 'send' })
    this.send = h('button', { class: 'button', type: 'submit' }, 'Say')
    this.show = () => this.draw()
    this.changed = ({ detail }) => { if (detail === room) this.draw() }
    app.rooms.addEventListener('change', this.changed)
    app.link?.addEventListener('state', this.show)
    this.draw()
    if (app.link?.isOpen && room.joined) this.attempt(() => app.rooms.count(room))
  }

  left () {
    this.app.rooms.removeEventListener('change', this.changed)
    this.app.link?.removeEventListener('state', this.show)
  }

  parts () {
    const { room, app } = this
    return [
      h('header', { class: 'page-head' },
        h('h1', { tabindex: '-1' }, room.name),
        h('p', { class: 'quiet' }, room.named ? 'A room that the application names.' : UNNAMED),
        h('div', { class: 'row' }, this.button), this.trouble),
      h('section', { class: 'card', 'aria-labelledby': 'heard-title' },
        h('h2', { id: 'heard-title' }, 'Heard'), this.log, this.composer()),
      h('section', { class: 'card', 'aria-labelledby': 'members-title' },
        h('div', { class: 'card-head' }, h('h2', { id: 'members-title' }, 'Members'),
          h('button', { type: 'button', class: 'button small', onclick: () => this.attempt(() => app.rooms.count(room)) }, 'Look again')),
        this.members),
      room.message && h('section', { class: 'card', 'aria-labelledby': 'form-title' },
        h('h2', { id: 'form-title' }, 'What the application says here'),
        textBlock(typeText(room.message, app.manifest.definitions), 'The form of its messages'))
    ]
  }

  composer () {
    const form = h('form', { class: 'composer' }, h('label', { class: 'unseen', for: 'say' }, `Say in ${this.room.name}`), this.text, this.send)
    form.addEventListener('submit', async event => {
      event.preventDefault()
      const text = this.text.value
      if (!text || this.send.disabled) return
      this.text.value = ''
      if (!await this.attempt(() => this.app.rooms.say(this.room, text)) && !this.text.value) this.text.value = text
    })
    return form
  }

  toggle () {
    const { rooms } = this.app
    return this.attempt(() => this.room.joined ? rooms.leave(this.room) : rooms.join(this.room))
  }

  /** Does it, and says what was refused; whether it went well. */
  async attempt (work) {
    this.complain('')
    try {
      await work()
      return true
    } catch (error) {
      this.complain(`The server refused: ${error.message}.`)
      return false
    }
  }

  complain (text) {
    this.trouble.textContent = text
    this.trouble.hidden = !text
  }

  draw () {
    const { room } = this
    const open = Boolean(this.app.link?.isOpen)
    this.button.textContent = room.joined ? 'Leave' : 'Join'
    this.button.classList.toggle('primary', !room.joined)
    this.button.disabled = !open
    this.send.disabled = !open || !room.joined
    this.text.placeholder = room.joined ? `Say something in ${room.name}` : open ? 'Join first, then you can say something' : 'Not connected'
    this.drawLines()
    this.drawMembers(open)
    this.app.rooms.seen(room)
  }

  drawLines () {
    const { lines, dropped } = this.room
    const state = `${lines.length + dropped}`
    if (state === this.drawn) return
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60
    const fresh = this.drawn === null ? lines : lines.slice(Number(this.drawn) - lines.length - dropped)
    if (this.drawn === null || this.drawn === '0') this.log.replaceChildren()
    if (lines.length) this.log.append(...fresh.map(line => this.line(line)))
    else this.log.append(h('p', { class: 'empty' }, 'Nothing has been heard yet. What is said in a room reaches those who are in it, the sender too.'))
    while (this.log.childElementCount > lines.length && lines.length) this.log.firstElementChild.remove()
    this.drawn = state
    if (near) this.log.scrollTop = this.log.scrollHeight
  }

  line (line) {
    const time = h('time', { datetime: new Date(line.sentAt).toISOString() }, clock.format(line.sentAt))
    if (line.note) return h('p', { class: 'note' }, time, ` ${line.note}`)
    const from = line.from === '0' ? 'the application' : line.from === this.app.me?.id ? 'you' : line.from
    const text = typeof line.message === 'string' ? h('p', { class: 'said' }, line.message) : jsonBlock(line.message, 'Message')
    return h('div', {}, h('p', { class: 'from' }, h('span', { class: 'mono', title: line.from }, from), time), text)
  }

  drawMembers (open) {
    const { members, joined } = this.room
    if (!members) {
      const why = !open ? 'Not connected.' : joined ? 'Asking…' : 'Join the room to see who is in it.'
      return fill(this.members, h('p', { class: 'empty' }, why))
    }
    const people = members.map(member => h('li', {}, h('span', { class: 'mono' }, member.id),
      member.id === this.app.me?.id && h('span', { class: 'chip' }, 'you'),
      h('span', { class: 'quiet' }, `since ${clock.format(member.joinedAt)}`)))
    const count = members.length === 1 ? 'One connection is here.' : `${members.length} connections are here.`
    fill(this.members, h('p', { class: 'quiet' }, count), h('ul', { class: 'plain' }, people))
    if (this.told !== members.length) announce(`${members.length} in ${this.room.name}`)
    this.told = members.length
  }
}
