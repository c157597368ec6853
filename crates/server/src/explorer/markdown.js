// The part of Markdown that doc comments are written in, as elements: paragraphs, headings, lists, code, emphasis and
// links. Everything else, markup of HTML above all, is shown as the text it is.

import { h } from './dom.js'

const FENCE = /^\s*```/
const HEADING = /^#{1,6}\s+(.*)$/
const BULLET = /^\s*[-*+]\s+(.*)$/
const NUMBER = /^\s*\d+[.)]\s+(.*)$/
// What runs on within a line: code, bold, emphasis, a link.
const INLINE = /(`+)([\s\S]+?)\1(?!`)|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g

/** The elements of a description. */
export function markdown (text) {
  const lines = String(text ?? '').split(/\r?\n/)
  const blocks = []
  while (lines.length) {
    if (!lines[0].trim()) lines.shift()
    else if (FENCE.test(lines[0])) blocks.push(fenced(lines))
    else if (HEADING.test(lines[0])) blocks.push(h('h3', {}, inline(HEADING.exec(lines.shift())[1])))
    else if (BULLET.test(lines[0])) blocks.push(list(lines, 'ul', BULLET))
    else if (NUMBER.test(lines[0])) blocks.push(list(lines, 'ol', NUMBER))
    else blocks.push(h('p', {}, inline(running(lines).join(' '))))
  }
  return blocks
}

/** One line of it, for places where no block can stand. */
export function inline (text) {
  const parts = []
  let end = 0
  for (const found of text.matchAll(INLINE)) {
    const [whole, , code, bold, emphasis, label, target] = found
    parts.push(text.slice(end, found.index))
    if (code !== undefined) parts.push(h('code', {}, code.trim()))
    else if (bold !== undefined) parts.push(h('strong', {}, bold))
    else if (emphasis !== undefined) parts.push(h('em', {}, emphasis))
    else parts.push(link(label, target))
    end = found.index + whole.length
  }
  parts.push(text.slice(end))
  return parts.filter(part => part !== '')
}

/** Only what is surely an address of the web is a link. */
function link (label, target) {
  const text = label.replace(/^`|`$/g, '')
  if (!/^https?:\/\//i.test(target)) return text
  return h('a', { href: target, rel: 'noopener noreferrer', target: '_blank' }, text)
}

function fenced (lines) {
  lines.shift()
  const code = []
  while (lines.length && !FENCE.test(lines[0])) code.push(lines.shift())
  lines.shift()
  return h('pre', { tabindex: '0' }, h('code', {}, code.join('\n')))
}

function list (lines, tag, mark) {
  const items = []
  while (lines.length && mark.test(lines[0])) {
    const first = mark.exec(lines.shift())[1]
    items.push(h('li', {}, inline([first, ...running(lines)].join(' '))))
  }
  return h(tag, {}, items)
}

/** The lines up to where something else begins. */
function running (lines) {
  const taken = []
  while (lines.length && lines[0].trim() && ![FENCE, HEADING, BULLET, NUMBER].some(mark => mark.test(lines[0]))) {
    taken.push(lines.shift().trim())
  }
  return taken
}
