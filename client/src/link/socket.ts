// The websocket itself: the platform's, else the package `ws`.

export interface Socket {
  readonly readyState: number
  onopen: ((event: any) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onerror: ((event: any) => void) | null
  onclose: ((event: any) => void) | null
  send: (text: string) => void
  close: () => void
  /** Only in `ws`: gives up without waiting for the other end. */
  terminate?: () => void
}

export const SOCKET_OPEN = 1

const NONE = 'There is no WebSocket here. In a version of node without one, add the package `ws` to the application.'

export function openSocket (url: string, transport: { [name: string]: unknown }): Socket {
  const wanted = Object.keys(transport).length > 0
  // Headers, certificates and the like are for `ws`; the WebSocket of browsers, and of node, takes none.
  const Ws = wanted || typeof WebSocket === 'undefined' ? packageWs() : undefined
  if (Ws) return new Ws(url, transport)
  if (typeof WebSocket === 'undefined') throw new Error(NONE)
  return new WebSocket(url) as unknown as Socket
}

function packageWs (): (new (url: string, options: object) => Socket) | undefined {
  if (!nodeRequire) return undefined
  try {
    const found = nodeRequire('ws')
    return typeof found === 'function' ? found : found.WebSocket
  } catch (error) {
    return undefined
  }
}

/**
 * Lets go of a websocket that nobody will listen to again. Politely where the other end is there and shall
 * read what was written last; a half-open one must not be waited for.
 */
export function abandon (socket: Socket, politely = false): void {
  socket.onopen = socket.onmessage = socket.onclose = null
  // `ws` tells an error when it is closed before it is open, and an error without a listener ends a process.
  socket.onerror = () => {}
  if (socket.terminate && !politely) socket.terminate()
  else socket.close()
}
