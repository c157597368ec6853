// What is shown before anything is chosen: the application, in short.

import { copyButton, h } from './dom.js'
import { actionHash } from './list.js'
import { markdown } from './markdown.js'

/** The page about the whole application. */
export function overviewPage (app) {
  const { name, version, description, actions, rooms } = app.manifest
  const first = actions.find(action => action.isLatest && action.web && !action.inputs.some(input => input.required))
  return {
    title: '',
    parts: [
      h('header', { class: 'page-head' },
        h('h1', { tabindex: '-1' }, name),
        h('p', { class: 'chips' }, version && h('span', { class: 'chip' }, `version ${version}`),
          h('span', { class: 'chip' }, counted(actions.filter(action => action.isLatest).length, 'action')),
          h('span', { class: 'chip' }, counted(rooms.length, 'named room'))),
        description && h('div', { class: 'prose' }, markdown(description))),
      h('section', { class: 'card', 'aria-labelledby': 'doors-title' }, h('h2', { id: 'doors-title' }, 'Where it is'), doors(app.places)),
      first && app.places.api && h('section', { class: 'card', 'aria-labelledby': 'begin-title' },
        h('h2', { id: 'begin-title' }, 'To begin'),
        h('p', {}, 'Choose an action in the list and run it, or try ', h('a', { href: actionHash(first) }, first.name), ' from a shell:'),
        shell(`curl '${app.places.origin}${app.places.api}/${encodeURIComponent(first.name)}'`)),
      h('section', { class: 'card', 'aria-labelledby': 'documents-title' },
        h('h2', { id: 'documents-title' }, 'For other tools'),
        h('ul', { class: 'plain' },
          h('li', {}, h('a', { href: 'openapi.json' }, 'openapi.json'), h('span', { class: 'quiet' }, 'the actions over HTTP, OpenAPI 3.1')),
          h('li', {}, h('a', { href: 'asyncapi.json' }, 'asyncapi.json'), h('span', { class: 'quiet' }, 'the websocket, AsyncAPI 3')),
          h('li', {}, h('a', { href: 'manifest.json' }, 'manifest.json'), h('span', { class: 'quiet' }, 'all of it, as this page reads it'))))
    ]
  }
}

const counted = (n, what) => `${n} ${what}${n === 1 ? '' : 's'}`

function doors (places) {
  const rows = {
    'Actions over HTTP': places.api && `${places.origin}${places.api}/…`,
    Websocket: places.websocket,
    'Client for browsers': places.client && places.origin + places.client
  }
  return h('dl', { class: 'facts' }, Object.entries(rows).map(([what, where]) =>
    h('div', {}, h('dt', {}, what), h('dd', where ? { class: 'mono' } : { class: 'quiet' }, where || 'not served'))))
}

function shell (line) {
  const shown = h('pre', { tabindex: '0', role: 'region', 'aria-label': 'The call with curl' }, line)
  return h('div', { class: 'snippet line' }, shown, copyButton(() => line, 'the line'))
}
