// JSON for people: indented, its parts told apart by colour. Long texts are cut, and it is said how much is left out.

import { h } from './dom.js'

const SHOWN = 100_000
const PART = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g

/** A block that shows a value. */
export function jsonBlock (value, label) {
  return textBlock(JSON.stringify(value, null, 2) ?? 'undefined', label, coloured)
}

/** A block that shows a text as it is. */
export function textBlock (text, label, draw = plain => [plain]) {
  const left = text.length - SHOWN
  const shown = left > 0 ? text.slice(0, SHOWN) : text
  return h('div', { class: 'block' },
    h('pre', { tabindex: '0', role: 'region', 'aria-label': label }, draw(shown)),
    left > 0 && h('p', { class: 'quiet' }, `${left.toLocaleString('en')} more characters are not shown. Copy gives all.`))
}

function coloured (text) {
  const parts = []
  let end = 0
  for (const found of text.matchAll(PART)) {
    const [whole, string, colon, number] = found
    parts.push(text.slice(end, found.index))
    const kind = string === undefined ? (number === undefined ? 'word' : 'number') : colon ? 'key' : 'string'
    parts.push(h('span', { class: `json-${kind}` }, string ?? whole), colon ?? '')
    end = found.index + whole.length
  }
  return [...parts, text.slice(end)]
}
