// What the pages with a connection share: the client that the server writes, small keepsakes, and elements.

const LONGEST_PAUSE = 15_000

export const $ = id => document.getElementById(id)

/** ActionHero's client, which comes back by itself, however long it takes. */
export function newClient () {
  const { ActionheroWebsocketClient } = globalThis
  if (!ActionheroWebsocketClient) {
    $('state').dataset.state = 'bad'
    $('state').textContent = 'the client could not be loaded'
    throw new Error('The server wrote no client; its settings websocket.client_js_path and client_js_name say where it should be')
  }
  return new ActionheroWebsocketClient({ reconnect: { max: LONGEST_PAUSE, retries: Infinity } })
}

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

/** The name of last time, or one to begin with. */
export function nameToBegin () {
  return remembered('playhouse.name') || `Guest ${10 + Math.floor(Math.random() * 90)}`
}

export function element (tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** A colour of its own for each sender. */
export function hue (id) {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 12
  return sum
}
