// An action over HTTP, for clients that have no connection yet, or none at the moment.

import { withScheme } from '../link/url'
import { ownFailure } from './failure'
import type { Response } from './failure'

interface Answer { status: number, statusText: string, text: string, code: string | null }

const JSON_BODY = { 'Content-Type': 'application/json' }

/** Runs it; the promise is always fulfilled, with a response that has `error` if it did not work. */
export function actionOverHttp (url: string, apiPath: string, params: Response): Promise<Response> {
  try {
    return asked(url, apiPath, params).then(responseOf, unreachable)
  } catch (error) {
    return Promise.resolve(ownFailure('not_encodable', 'The message cannot be sent: ' + (error as Error).message))
  }
}

function asked (url: string, apiPath: string, params: Response): Promise<Answer> {
  const method = String(params.httpMethod || 'POST').toUpperCase()
  const base = /^https?:\/\//i.test(apiPath) ? apiPath : origin(url) + apiPath
  const query = '?action=' + encodeURIComponent(params.action)
  if (method !== 'GET') return request(method, base + query, JSON.stringify(params))
  const inputs = Object.keys(params).filter(key => key !== 'action' && key !== 'httpMethod')
  const pairs = inputs.map(key => pair(encodeURIComponent(key), params[key])).join('')
  return request(method, base + query + pairs)
}

/** An address with a scheme, which is not that of websockets, and without its query and its last slash. */
function origin (url: string): string {
  return url && withScheme(url).replace(/[?#].*$/, '').replace(/\/+$/, '').replace(/^ws(?=s?:)/i, 'http')
}

function pair (key: string, value: any): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(one => pair(key + '[]', one)).join('')
  if (typeof value !== 'object') return '&' + key + '=' + encodeURIComponent(value)
  return Object.keys(value).map(part => pair(key + '[' + encodeURIComponent(part) + ']', value[part])).join('')
}

function responseOf ({ statusText, text, code }: Answer): Response {
  try {
    const response = JSON.parse(text)
    if (code && response && response.error !== undefined && response.code === undefined) response.code = code
    return response
  } catch (error) {
    return { error: { statusText, responseText: text }, code: 'no_json' }
  }
}

function unreachable (error: any): Response {
  const statusText = String((error && error.message) || '')
  return { error: { statusText, responseText: '' }, code: 'unreachable' }
}

function request (method: string, url: string, body?: string): Promise<Answer> {
  if (typeof fetch === 'function') return withFetch(method, url, body)
  return new Promise((resolve, reject) => {
    if (typeof XMLHttpRequest !== 'undefined') withXhr(method, url, body, resolve)
    else if (nodeRequire) withNode(method, url, body, resolve, reject)
    else reject(new Error('There is neither fetch nor XMLHttpRequest here'))
  })
}

function withFetch (method: string, url: string, body?: string): Promise<Answer> {
  return fetch(url, { method, body, headers: body === undefined ? {} : JSON_BODY }).then(response =>
    response.text().then(text => ({
      status: response.status, statusText: response.statusText, text, code: response.headers.get('X-Error-Code')
    })))
}

function withXhr (method: string, url: string, body: string | undefined, resolve: (answer: Answer) => void): void {
  const xhr = new XMLHttpRequest()
  xhr.onreadystatechange = () => {
    if (xhr.readyState !== 4) return
    const { status, statusText, responseText: text } = xhr
    const code = /^x-error-code: *(\S+)/im.exec((xhr.getAllResponseHeaders && xhr.getAllResponseHeaders()) || '')
    resolve({ status, statusText, text, code: code && code[1]! })
  }
  xhr.open(method, url, true)
  if (body !== undefined) xhr.setRequestHeader('Content-Type', 'application/json')
  xhr.send(body)
}

function withNode (
  method: string, url: string, body: string | undefined, resolve: (answer: Answer) => void, reject: (error: Error) => void
): void {
  const http = nodeRequire!(/^https/i.test(url) ? 'https' : 'http')
  const headers = body === undefined ? {} : JSON_BODY
  const sent = http.request(url, { method, headers }, (response: any) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => { text += part })
    response.on('error', reject)
    response.on('end', () => resolve({
      status: response.statusCode, statusText: response.statusMessage, text, code: response.headers['x-error-code'] || null
    }))
  })
  sent.on('error', reject)
  sent.end(body)
}
