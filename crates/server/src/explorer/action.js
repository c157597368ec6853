// The page of one action: what it does, its inputs, running it, its answer, and the same call for elsewhere.

import { announce, copyButton, fill, h, size } from './dom.js'
import { fieldsFor, focusField } from './form.js'
import { jsonBlock, textBlock } from './json.js'
import { markdown } from './markdown.js'
import { fieldsOf, obstacle, run, WAYS } from './run.js'
import { clientJs, curl } from './snippets.js'
import { typeText } from './types.js'

// What was filled in and answered stays while one looks elsewhere.
const kept = new Map()
let lastWay = 'post'

/** The page, and `run` for the keyboard. */
export function actionPage (app, action) {
  const page = new ActionPage(app, action)
  return { title: action.name, parts: page.parts(), run: () => page.run() }
}

class ActionPage {
  constructor (app, action) {
    const key = `${action.name} ${action.version}`
    if (!kept.has(key)) kept.set(key, { texts: {}, answer: null })
    Object.assign(this, { app, action, kept: kept.get(key), running: false })
    this.fields = fieldsFor(action.inputs, app.manifest.definitions, this.kept.texts, () => this.showSnippets())
    this.way = this.possibleWay()
    this.button = h('button', { class: 'button primary', type: 'submit' }, 'Run')
    this.took = h('div', { class: 'took' })
    this.answer = h('div', { class: 'answer' })
    this.curl = h('pre', { tabindex: '0', role: 'region', 'aria-label': 'The call with curl' })
    this.js = h('pre', { tabindex: '0', role: 'region', 'aria-label': 'The call with the client in JavaScript' })
    this.showAnswer()
    this.showSnippets()
  }

  possibleWay () {
    const can = way => !obstacle(way, this.action, this.app.places)
    return can(lastWay) ? lastWay : Object.keys(WAYS).find(can)
  }

  parts () {
    return [this.head(), this.form(), this.answerPart(), this.elsewhere(), this.answersWith()]
  }

  head () {
    const { name, version, isLatest, description } = this.action
    return h('header', { class: 'page-head' },
      h('h1', { class: 'mono', tabindex: '-1' }, name),
      h('p', { class: 'chips' },
        h('span', { class: 'chip' }, `version ${version}`),
        !isLatest && h('span', { class: 'chip wait' }, 'there is a newer version'),
        h('span', { class: 'chip' }, `at most ${this.action.timeout / 1_000} s`)),
      description ? h('div', { class: 'prose' }, markdown(description))
        : h('p', { class: 'quiet' }, 'It has no description. A doc comment above it in the source would stand here.'))
  }

  form () {
    const form = h('form', { class: 'card', novalidate: true, 'aria-label': `Run ${this.action.name}` },
      this.fields.boxes.length ? h('div', { class: 'fields' }, this.fields.boxes)
        : h('p', { class: 'quiet' }, 'This action takes no inputs.'),
      h('div', { class: 'run' }, this.ways(), h('div', { class: 'go' }, h('kbd', { 'aria-hidden': 'true' }, 'Ctrl ↵'), this.button)))
    form.addEventListener('submit', event => {
      event.preventDefault()
      this.run()
    })
    return form
  }

  ways () {
    const reasons = new Map()
    const choices = Object.entries(WAYS).map(([way, label]) => {
      const reason = obstacle(way, this.action, this.app.places)
      if (reason) reasons.set(reason, [...reasons.get(reason) ?? [], label])
      const radio = h('input', { type: 'radio', name: 'way', value: way, checked: way === this.way, disabled: Boolean(reason) })
      radio.addEventListener('change', () => {
        this.way = lastWay = way
        this.showSnippets()
      })
      return h('label', { class: reason ? 'way off' : 'way', title: reason || undefined }, radio, h('span', {}, label))
    })
    if (!this.way) this.button.disabled = true
    return h('div', { class: 'over' },
      h('fieldset', { class: 'ways' }, h('legend', { class: 'unseen' }, 'How it is sent'), choices),
      [...reasons].map(([reason, labels]) => h('p', { class: 'quiet' }, `Not over ${labels.join(' or ')}: ${reason}.`)))
  }

  async run () {
    if (this.running || !this.way) return
    const problem = this.fields.problem()
    if (problem) {
      announce(`${problem.name}: ${problem.problem()}`)
      return focusField(problem.name)
    }
    this.working(true)
    try {
      this.kept.answer = await run(this.app, this.action, this.fields.values(), this.way)
    } catch (error) {
      this.kept.answer = { ok: false, status: 'no answer', code: '', fields: [], failure: this.failure(error) }
    }
    this.working(false)
    this.showAnswer()
    // On a phone it is below what can be seen.
    this.took.scrollIntoView({ block: 'nearest' })
    this.tell()
  }

  failure (error) {
    if (error.name === 'TimeoutError') return 'The server took longer to answer than this action may take. Its log may say more.'
    if (error instanceof TypeError) return 'The server can’t be reached. Is it running? This page tries again whenever you press Run.'
    return `${error.message[0].toUpperCase()}${error.message.slice(1)}.`
  }

  working (is) {
    this.running = is
    this.button.textContent = is ? 'Running…' : 'Run'
    this.button.setAttribute('aria-busy', String(is))
  }

  tell () {
    const { answer } = this.kept
    const said = answer.failure ?? answer.value?.error ?? ''
    this.fields.mark(fieldsOf(answer, this.action), String(said).replace(/^Error: /, ''))
    announce(`${this.action.name}: ${answer.status}. ${said}`)
  }

  answerPart () {
    return h('section', { class: 'card', 'aria-labelledby': 'answer-title' },
      h('div', { class: 'card-head' }, h('h2', { id: 'answer-title' }, 'Answer'), this.took), this.answer)
  }

  showAnswer () {
    const { answer } = this.kept
    if (!answer) {
      fill(this.took)
      return fill(this.answer, h('p', { class: 'empty' }, 'Nothing has been run yet. Press Run, or Ctrl and Enter.'))
    }
    fill(this.took,
      h('span', { class: `chip ${answer.ok ? 'good' : 'bad'}` }, answer.status),
      answer.code && h('span', { class: 'chip bad mono' }, answer.code),
      answer.took !== undefined && h('span', { class: 'quiet' }, `${milliseconds(answer.took)} · ${size(answer.bytes)}`),
      answer.failure || answer.file ? null : copyButton(() => answer.raw ?? '', 'the answer'))
    fill(this.answer, this.answerBody(answer))
  }

  answerBody ({ failure, file, text, value }) {
    if (failure) return h('p', { class: 'error' }, failure)
    if (file) {
      return h('p', {}, `A file of type ${file.type}. `, h('a', { href: file.url, download: file.name }, 'Save it'))
    }
    if (text !== undefined) return text ? textBlock(text, 'Answer') : h('p', { class: 'empty' }, 'The answer is empty.')
    return jsonBlock(value, 'Answer')
  }

  elsewhere () {
    const part = (title, block) => h('div', { class: 'snippet' },
      h('div', { class: 'card-head' }, h('h3', {}, title), copyButton(() => block.textContent, `the call as ${title}`)), block)
    return h('section', { class: 'card', 'aria-labelledby': 'elsewhere-title' },
      h('h2', { id: 'elsewhere-title' }, 'The same from elsewhere'),
      this.action.web && this.app.places.api && part('curl', this.curl),
      this.action.websocket && this.app.places.websocket && part('JavaScript', this.js))
  }

  showSnippets () {
    const params = this.fields.values()
    this.curl.textContent = curl(this.app.places, this.action, params, this.way)
    this.js.textContent = clientJs(this.app.places, this.action, params)
  }

  answersWith () {
    const { output, errors } = this.action
    return h('section', { class: 'card', 'aria-labelledby': 'answers-title' },
      h('h2', { id: 'answers-title' }, 'What it answers'),
      outputText(output, this.app.manifest.definitions),
      errors.length ? [h('h3', {}, 'What it refuses with'), h('p', { class: 'chips' }, errors.map(code => h('code', { class: 'chip' }, code)))]
        : h('p', { class: 'quiet' }, 'It has no refusals of its own.'))
  }
}

function outputText ({ kind, schema }, definitions) {
  if (kind === 'nothing') return h('p', { class: 'quiet' }, 'Only that it was done.')
  if (kind === 'sent') return h('p', { class: 'quiet' }, 'It answers by itself, such as with a file.')
  return textBlock(typeText(schema, definitions), 'The form of the answer')
}

const milliseconds = ms => ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
