// What a frame of the websocket is, in a few words.

/** {label, bad, beat} of a frame as it travelled. */
export function described (way, text) {
  let frame
  try {
    frame = JSON.parse(text)
  } catch {
    return { label: 'not JSON', bad: true }
  }
  if (typeof frame === 'string') return control(frame)
  if (!frame || typeof frame !== 'object') return { label: 'a value' }
  return way === 'out' ? request(frame) : { label: incoming(frame), bad: Boolean(frame.error) }
}

function control (text) {
  const [, kind] = /^primus::(\w+)::/.exec(text) ?? []
  if (kind === 'ping' || kind === 'pong') return { label: kind, beat: true }
  return { label: text === 'primus::server::close' ? 'the server ends the connection' : 'text' }
}

function request ({ event, params, room, messageId }) {
  const what = params?.action ?? room ?? ''
  return { label: [event, what, messageId !== undefined && `#${messageId}`].filter(Boolean).join(' ') }
}

function incoming ({ context, messageId, error, room, welcome }) {
  if (context === 'response') return `${error ? 'refusal' : 'reply'} #${messageId}`
  if (context === 'user') return `said in ${room}`
  return welcome ? 'welcome' : context ?? 'message'
}
