// The part of the browser's XMLHttpRequest that ActionHero's client uses when it is not connected.

import http from 'node:http'

/** Sends one request and reports readyState 4, as browsers do, for every status. */
export class XMLHttpRequest {
  constructor () {
    this.headers = {}
    this.readyState = 0
  }

  open (method, url) {
    this.method = method
    this.url = url
    this.readyState = 1
  }

  setRequestHeader (name, value) {
    this.headers[name] = value
  }

  send (body) {
    // Browsers send no body with GET and HEAD.
    const bodyless = this.method === 'GET' || this.method === 'HEAD'
    const request = http.request(this.url, { method: this.method, headers: this.headers, agent: false })
    request.on('response', response => {
      const parts = []
      response.on('data', part => parts.push(part))
      response.on('end', () => {
        this.finish(response.statusCode, response.statusMessage, Buffer.concat(parts).toString('utf8'))
      })
    })
    request.on('error', () => this.finish(0, '', ''))
    request.end(bodyless ? undefined : body)
  }

  finish (status, statusText, responseText) {
    Object.assign(this, { readyState: 4, status, statusText, responseText })
    this.onreadystatechange()
  }
}
