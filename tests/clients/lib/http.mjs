// Plain HTTP requests, one connection each unless an agent is given, paths sent exactly as written.

import http from 'node:http'
import { HOST } from './host.mjs'
import { within } from './wait.mjs'

/** Sends a request to the demo; the value has status, headers, body, and json where it is JSON. */
export function request (demo, method, path, { headers = {}, body, agent = false } = {}) {
  const text = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body
  const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }
  return within(10_000, `${method} ${path}`, new Promise((resolve, reject) => {
    const sent = http.request({
      host: demo.ip ?? HOST, port: demo.port, method, path, agent, headers: { ...length, ...headers }
    })
    sent.on('response', response => {
      const parts = []
      const { localPort } = response.socket
      response.on('data', part => parts.push(part))
      response.on('error', reject)
      response.on('end', () => resolve(answer(response, localPort, Buffer.concat(parts))))
    })
    sent.on('error', reject)
    // As bytes: beside a text, node writes the headers in the text's encoding and not in Latin-1.
    sent.end(text === undefined ? undefined : Buffer.from(text))
  }))
}

/** GET, the usual case. */
export function get (demo, path, headers) {
  return request(demo, 'GET', path, { headers })
}

/** A request with a JSON body. */
export function sendJson (demo, method, path, body, headers = {}) {
  return request(demo, method, path, { body, headers: { 'content-type': 'application/json', ...headers } })
}

function answer (response, localPort, bytes) {
  const body = bytes.toString('utf8')
  let json
  if (/json/.test(response.headers['content-type'] ?? '') && body) json = JSON.parse(body)
  return { status: response.statusCode, headers: response.headers, bytes, body, json, localPort }
}

/** The value of a cookie that an answer sets. */
export function cookieOf (answer, name = 'sessionID') {
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [pair] = line.split(';')
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1)
  }
  return undefined
}
