// The home page: how the node is, and a form that runs actions over HTTP.

const ASK_EVERY = 5_000

/** The demo's actions: what they are for, and their inputs with a value to begin with. */
const ACTIONS = {
  status: { about: 'Is the node well?', inputs: {} },
  randomNumber: { about: 'A number in [0, 1), and a sentence around it.', inputs: {} },
  echo: { about: 'Answers what it was given, and how long that is.', inputs: { p: 'hello' } },
  cacheTest: { about: 'Stores a value, reads it back and deletes it. Both texts need three letters.', inputs: { key: 'curtain', value: 'red' } },
  sleepTest: { about: 'Sleeps for that many milliseconds before it answers.', inputs: { sleepDuration: '500' } },
  createChatRoom: { about: 'Opens a room, unless it is open already.', inputs: { name: 'foyer' } },
  validationTest: { about: 'Wants a text. Leave it empty to see how an error is answered.', inputs: { string: 'some text' } },
  recursiveAction: { about: 'An action that runs another action.', inputs: {} }
}

const $ = id => document.getElementById(id)

// ---- status ----------------------------------------------------------------------------------

function duration (ms) {
  const seconds = Math.floor(ms / 1_000)
  const parts = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']]
  const at = parts.findIndex(([size]) => seconds >= size)
  if (at < 0) return 'a moment'
  const [size, unit] = parts[at]
  const next = parts[at + 1]
  const rest = next ? Math.floor((seconds % size) / next[0]) : 0
  return `${Math.floor(seconds / size)} ${unit}${rest ? ` ${rest} ${next[1]}` : ''}`
}

function health (state, text) {
  $('health').dataset.state = state
  if ($('health').textContent !== text) $('health').textContent = text
}

function showStatus (status) {
  const well = status.nodeStatus === 'Node Healthy'
  health(well ? 'good' : 'bad', well ? 'healthy' : status.nodeStatus)
  $('fact-name').textContent = status.name
  $('fact-version').textContent = status.version
  $('fact-uptime').textContent = duration(status.uptime)
  $('fact-memory').textContent = `${status.consumedMemoryMB} MB`
  $('fact-id').textContent = status.id
  $('problems').hidden = !status.problems.length
  $('problems').replaceChildren(...status.problems.map(problem => {
    const item = document.createElement('li')
    item.textContent = problem
    return item
  }))
}

async function askStatus () {
  if (document.hidden) return
  try {
    const answer = await fetch('/api/status', { cache: 'no-store' })
    showStatus(await answer.json())
  } catch {
    health('bad', 'no answer')
  }
}

// ---- try an action ---------------------------------------------------------------------------

function values () {
  const chosen = {}
  for (const field of $('inputs').querySelectorAll('input')) {
    if (field.value !== '') chosen[field.name] = field.value
  }
  return chosen
}

function path () {
  const query = new URLSearchParams(values()).toString()
  return `/api/${$('action').value}${query ? `?${query}` : ''}`
}

function showCall () {
  $('curl').textContent = `curl '${location.origin}${path().replaceAll("'", '%27')}'`
  $('frame').textContent = JSON.stringify({
    event: 'action', params: { ...values(), action: $('action').value }, messageId: 1
  })
}

function field (name, value) {
  const box = document.createElement('div')
  box.className = 'field'
  const label = document.createElement('label')
  label.htmlFor = `input-${name}`
  label.textContent = name
  const input = document.createElement('input')
  Object.assign(input, { id: `input-${name}`, name, value, type: 'text', autocomplete: 'off', spellcheck: false })
  input.addEventListener('input', showCall)
  box.append(label, input)
  return box
}

function choose () {
  const { about, inputs } = ACTIONS[$('action').value]
  $('about').textContent = about
  $('inputs').replaceChildren(...Object.entries(inputs).map(([name, value]) => field(name, value)))
  $('answer').hidden = true
  $('took').textContent = ''
  showCall()
}

async function run (event) {
  event.preventDefault()
  const started = performance.now()
  $('took').textContent = 'running…'
  try {
    const answer = await fetch(path(), { cache: 'no-store' })
    $('answer').textContent = await answer.text()
    $('took').textContent = `${answer.status} in ${Math.round(performance.now() - started)} ms`
  } catch {
    $('answer').textContent = 'No answer: the server cannot be reached.'
    $('took').textContent = ''
  }
  $('answer').hidden = false
}

async function copy () {
  try {
    await navigator.clipboard.writeText($('curl').textContent)
    $('copy').textContent = 'Copied'
  } catch {
    getSelection().selectAllChildren($('curl'))
    $('copy').textContent = 'Selected'
  }
  setTimeout(() => { $('copy').textContent = 'Copy' }, 2_000)
}

for (const name of Object.keys(ACTIONS)) $('action').add(new Option(name, name))
$('action').value = 'randomNumber'
$('action').addEventListener('change', choose)
$('try-form').addEventListener('submit', run)
$('copy').addEventListener('click', copy)
document.addEventListener('visibilitychange', askStatus)
$('hour-curl').textContent = `curl '${location.origin}/api/echo?p=hello'`
choose()
askStatus()
setInterval(askStatus, ASK_EVERY)
