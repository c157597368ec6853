// The keyboard: what works wherever the focus is.

import { byId } from './dom.js'

const WRITES = 'input:not([type=radio], [type=checkbox]), textarea, select'

/** Listens for the keys of the page. */
export function keys (app) {
  const dialog = byId('keys')
  byId('keys-open').addEventListener('click', () => dialog.showModal())
  addEventListener('keydown', event => {
    if (dialog.open || event.defaultPrevented || event.isComposing) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return does(event, () => app.page.run?.())
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') return does(event, () => back(app))
    if (event.target.closest?.(WRITES)) return
    if (event.key === '/') does(event, () => find())
    else if (event.key === '?') does(event, () => dialog.showModal())
  })
}

function does (event, work) {
  event.preventDefault()
  work()
}

// Where only one part of the page fits on the screen, the list has to be there to be focused.
function find () {
  document.querySelector('.views [data-to=browse]').click()
  byId('search').focus()
  byId('search').select()
}

function back (app) {
  document.querySelector('.views [data-to=browse]').click()
  app.list.focus()
}
