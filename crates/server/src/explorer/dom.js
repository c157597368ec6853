// Making elements. Texts become text nodes and nothing here reads markup, so what a server says can't become a page.

/** An element: `class`, `onclick` and its like, `data`, attributes; children are nodes or texts, or nothing. */
export function h (tag, props = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (name === 'data') Object.assign(made.dataset, value)
    else if (name === 'value') made.value = value
    else made.setAttribute(name, value === true ? '' : value)
  }
  made.append(...present(children))
  return made
}

/** Of a list with gaps and lists in it, what is there. */
export function present (children) {
  return children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false)
}

/** Puts these in the place of everything in it. */
export function fill (box, ...children) {
  box.replaceChildren(...present(children))
}

export const byId = id => document.getElementById(id)

/** Says it to those who listen to the page rather than look at it. */
export function announce (text) {
  byId('announce').textContent = text
}

/** A button that copies what `text` gives at that time, and says that it did. */
export function copyButton (text, what) {
  const label = h('span', {}, 'Copy')
  const button = h('button', { type: 'button', class: 'button small', 'aria-label': `Copy ${what}` }, label)
  let timer
  button.addEventListener('click', async () => {
    const done = await copied(text())
    label.textContent = done ? 'Copied' : 'Select it'
    announce(done ? `Copied ${what}.` : 'This browser lets no page copy; select the text and copy it yourself.')
    clearTimeout(timer)
    timer = setTimeout(() => { label.textContent = 'Copy' }, 2_000)
  })
  return button
}

async function copied (text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** A number of bytes as people read it. */
export function size (bytes) {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Times of day; in all languages with 24 hours, as one compares them with a log. */
export const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

const encoder = new TextEncoder()

/** How many bytes a text is on the wire. */
export const byteLength = text => encoder.encode(text).length

export function remembered (key) {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function remember (key, value) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Without storage the page works as well; it only forgets.
  }
}
