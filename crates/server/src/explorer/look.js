// Light, dark, or as the system has it; the choice is remembered.

import { announce, byId, remember, remembered } from './dom.js'

const NEXT = { system: 'light', light: 'dark', dark: 'system' }
const SIGNS = { system: '◐', light: '☀', dark: '☾' }

/** Makes the button for it work. */
export function lookButton () {
  const button = byId('theme')
  const known = remembered('playhouse.theme')
  let look = known in NEXT ? known : 'system'
  const show = () => {
    if (look === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = look
    button.textContent = SIGNS[look]
    button.setAttribute('aria-label', `Colours: ${look}`)
    button.title = `Colours: ${look}. Press for ${NEXT[look]}.`
  }
  button.addEventListener('click', () => {
    look = NEXT[look]
    remember('playhouse.theme', look)
    show()
    announce(`Colours: ${look}`)
  })
  show()
}
