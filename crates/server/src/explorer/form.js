// The inputs of an action as fields that suit their forms. What stands in them goes to the server as it is, so that its
// own refusals can be seen; only what is no JSON where JSON must be is stopped here.

import { byId, h } from './dom.js'
import { inline } from './markdown.js'
import { constraints, fieldKind, listed, resolved, sample } from './schema.js'

const NOT_GIVEN = ''

/** The fields for the inputs: `values()`, `problems()`, `mark(names, text)`, and the text of each to be kept. */
export function fieldsFor (inputs, definitions, kept, onChange) {
  const fields = inputs.map(input => new Field(input, definitions, kept, onChange))
  return {
    boxes: fields.map(field => field.box),
    values: () => Object.fromEntries(fields.filter(field => field.text !== NOT_GIVEN).map(field => [field.name, field.value()])),
    problem () {
      for (const field of fields) field.complain(field.problem())
      return fields.find(field => field.problem())
    },
    mark (names, text) {
      for (const field of fields) field.complain(names.includes(field.name) ? text : '')
    }
  }
}

class Field {
  constructor (input, definitions, kept, onChange) {
    this.name = input.name
    this.schema = resolved(input.schema, definitions)
    this.kind = input.ownParsing && fieldKind(this.schema) === 'number' ? 'any' : fieldKind(this.schema)
    this.id = `input-${input.name}`
    this.control = this.make(kept[input.name] ?? NOT_GIVEN, definitions)
    this.error = h('p', { class: 'error', id: `${this.id}-error`, hidden: true })
    this.hint = h('p', { class: 'hint quiet', id: `${this.id}-hint` }, this.says(input))
    this.control.addEventListener('input', () => {
      kept[this.name] = this.text
      this.complain('')
      onChange()
    })
    this.box = h('div', { class: 'field' },
      h('div', { class: 'label' },
        h('label', { for: this.id }, this.name),
        h('span', { class: input.required ? 'must' : 'quiet' }, input.required ? 'required' : 'optional')),
      this.control, this.error, this.hint)
  }

  get text () { return this.control.value }

  make (text, definitions) {
    const shared = { id: this.id, name: this.name, 'aria-describedby': `${this.id}-error ${this.id}-hint`, autocomplete: 'off', spellcheck: 'false' }
    const preset = this.schema.default
    const placeholder = preset === undefined || preset === null ? '' : typeof preset === 'string' ? preset : JSON.stringify(preset)
    const choices = this.choices()
    if (choices) {
      const none = placeholder ? `${placeholder} (default)` : 'not given'
      const select = h('select', shared, h('option', { value: NOT_GIVEN }, none),
        choices.map(value => h('option', { value: JSON.stringify(value) }, String(value))))
      select.value = text
      return select
    }
    if (this.kind === 'json' || this.schema.maxLength > 200) {
      return h('textarea', { ...shared, rows: '3', placeholder: placeholder || this.example(definitions), value: text })
    }
    return h('input', { ...shared, type: 'text', inputmode: this.kind === 'number' ? 'decimal' : 'text', placeholder, value: text })
  }

  choices () {
    return this.kind === 'boolean' ? [true, false] : listed(this.schema)
  }

  example (definitions) {
    return this.kind === 'json' ? JSON.stringify(sample(this.schema, definitions), null, 2) : ''
  }

  says (input) {
    const preset = this.schema.default
    const told = input.description || this.schema.description
    return [
      told && h('span', {}, inline(told)),
      h('span', {}, input.ownParsing ? `${constraints(this.schema)}; the application reads it itself` : constraints(this.schema)),
      preset !== undefined && preset !== null && h('span', {}, 'default ', h('code', {}, JSON.stringify(preset)))
    ]
  }

  /** What goes to the server: as JSON where it is, else the text. */
  value () {
    if (this.kind === 'text') return this.text
    try {
      return JSON.parse(this.text)
    } catch {
      return this.text
    }
  }

  problem () {
    if (this.kind !== 'json' || this.text === NOT_GIVEN) return ''
    try {
      JSON.parse(this.text)
      return ''
    } catch (error) {
      return `This must be JSON, such as ${JSON.stringify(this.schema.type === 'array' ? [] : {})}. The browser says: ${error.message}`
    }
  }

  complain (text) {
    this.error.textContent = text
    this.error.hidden = !text
    if (text) this.control.setAttribute('aria-invalid', 'true')
    else this.control.removeAttribute('aria-invalid')
  }
}

/** Puts the cursor into the field of that name. */
export function focusField (name) {
  byId(`input-${name}`)?.focus()
}
