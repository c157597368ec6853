// Running an action over HTTP or the websocket, with one form of answer for both:
// {ok, status, code, fields, took, bytes, raw} and one of value (JSON), text, file ({type, url, name}). `raw` is what
// came, as it came: a number may have more digits in it than the value can keep.

import { byteLength } from './dom.js'

/** Ways to run an action, by the names that they have in the page. */
export const WAYS = { post: 'HTTP POST', get: 'HTTP GET', websocket: 'Websocket' }

/** Why an action can't be run in that way; nothing where it can. */
export function obstacle (way, action, places) {
  if (way === 'websocket') {
    if (!places.websocket) return 'this application serves no websocket'
    return action.websocket ? '' : 'this action does not support websockets'
  }
  if (!places.api) return 'this application serves no actions over HTTP'
  return action.web ? '' : 'this action does not support HTTP'
}

/** The parameters as they travel: an older version has to be asked for. */
export function travelling (action, params) {
  return action.isLatest ? params : { ...params, apiVersion: action.version }
}

/** The address for a call, and what stands in its query where it is a GET. */
export function address (places, action, params, way) {
  const path = `${places.api}/${encodeURIComponent(action.name)}`
  if (way !== 'get') return path
  const pairs = Object.entries(travelling(action, params))
  const query = new URLSearchParams(pairs.map(([name, value]) => [name, plain(value)])).toString()
  return query ? `${path}?${query}` : path
}

const plain = value => typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Runs it. `seen` is told what travels over HTTP; the websocket tells that itself. */
export function run (app, action, params, way) {
  return way === 'websocket' ? overWebsocket(app.link, action, params) : overHttp(app, action, params, way)
}

async function overWebsocket (link, action, params) {
  const frame = { event: 'action', params: { ...travelling(action, params), action: action.name } }
  const { reply, text, took } = await link.ask(frame, action.timeout + 5_000)
  const { code = '', fields = [] } = reply
  return { ok: !reply.error, status: reply.error ? 'refused' : 'OK', code, fields, took, bytes: byteLength(text), raw: text, value: reply }
}

async function overHttp ({ places, seen }, action, params, way) {
  const target = address(places, action, params, way)
  const body = way === 'post' ? JSON.stringify(travelling(action, params)) : undefined
  seen({ way: 'out', label: `${way.toUpperCase()} ${target}`, text: body ?? '' })
  const began = performance.now()
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(action.timeout + 5_000)
  const response = await fetch(target, { method: way.toUpperCase(), headers, body, cache: 'no-store', signal })
  const content = await response.blob()
  const answer = await read(response, content)
  seen({ way: 'in', label: `${response.status} ${action.name}`, text: answer.raw ?? '', bytes: content.size, bad: !response.ok })
  const status = [response.status, response.statusText].join(' ').trim()
  const fields = (response.headers.get('x-error-fields') ?? '').split(',').filter(Boolean)
  const code = response.headers.get('x-error-code') ?? ''
  return { ok: response.ok, status, code, fields, took: performance.now() - began, bytes: content.size, ...answer }
}

async function read (response, content) {
  const type = (response.headers.get('content-type') ?? '').toLowerCase()
  if (!/json|^text\/|javascript|xml/.test(type)) {
    const name = decodeURIComponent(new URL(response.url).pathname.split('/').pop())
    return content.size ? { file: { type: type || 'unknown', url: URL.createObjectURL(content), name } } : { text: '' }
  }
  const raw = await content.text()
  try {
    return type.includes('json') ? { raw, value: JSON.parse(raw) } : { raw, text: raw }
  } catch {
    return { raw, text: raw }
  }
}

/** The inputs that a refusal is about: those it names, else the one that its text begins with or quotes. */
export function fieldsOf (answer, action) {
  if (answer.ok) return []
  if (answer.fields.length) return answer.fields
  const text = String(answer.value?.error ?? '').replace(/^Error: /, '')
  const found = /^(\S+) is a required parameter|parameter "([^"]+)"/.exec(text)
  const name = found?.[1] ?? found?.[2]
  return action.inputs.some(input => input.name === name) ? [name] : []
}
