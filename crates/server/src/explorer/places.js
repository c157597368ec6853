// Where everything of this application is, seen from this page. The server tells the paths that it knows; whatever stands
// in front of them, when the application is itself part of another, is found in the page's own address.

/** The addresses of the application; `null` for what it does not serve. */
export function placesOf (told = {}, address = location) {
  const { api = '/api', primus = '/primus', explorer = '/explorer', client = null } = told
  const own = address.pathname.replace(/\/[^/]*$/, '')
  const outer = own.endsWith(explorer) ? own.slice(0, own.length - explorer.length) : ''
  const at = path => path === null ? null : outer + path
  return {
    api: at(api),
    primus: at(primus),
    client: at(client),
    origin: address.origin,
    websocket: primus === null ? null : `${address.protocol === 'https:' ? 'wss:' : 'ws:'}//${address.host}${outer}${primus}`
  }
}
