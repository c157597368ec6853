// The demo's chat room, for RivetKit.

import { actor, UserError } from 'rivetkit'

export const chatRoom = actor({
  state: { history: [], lifecycle: [], seq: 0 },

  onBeforeConnect (c, params) {
    if (!params?.username) throw new UserError('username is required', { code: 'missing_username' })
    const { username, token } = params
    if (token !== 'letmein') throw new UserError('bad token', { code: 'invalid_token', metadata: { username } })
  },

  createConnState: (c, { username }) => ({ username, nickname: null }),

  onConnect (c, { id, state: { username } }) {
    c.state.lifecycle.push(`connect:${username}`)
    c.broadcast('joined', { username, connId: id })
  },

  onDisconnect (c, { id, state: { username } }) {
    c.state.lifecycle.push(`disconnect:${username}`)
    c.broadcast('left', { username, connId: id })
  },

  actions: {
    sendMessage (c, text) {
      const message = { seq: c.state.seq += 1, from: c.conn.state.username, text }
      c.state.history.push(message)
      c.broadcast('newMessage', message)
      return message
    },

    getHistory: c => c.state.history,

    directMessage (c, target, text) {
      const reached = those(c, target)
      for (const conn of reached) conn.send('directMessage', { from: c.conn.state.username, text })
      return reached.length
    },

    async kick (c, target, reason) {
      const closed = those(c, target)
      await Promise.all(closed.map(conn => conn.disconnect(reason)))
      return closed.length
    },

    whoami: ({ conn: { id, state: { username, nickname } } }) => ({ connId: id, username, nickname }),

    setNickname (c, nickname) {
      c.conn.state.nickname = nickname
      return nickname
    },

    listConnections: c => [...c.conns.values()].map(({ id, state: { username } }) => ({ id, username })),
    getLifecycle: c => c.state.lifecycle,

    async remindMe (c, ms, text) {
      await c.schedule.after(ms, 'fireReminder', c.conn.state.username, text)
      return true
    },

    fireReminder (c, username, text) {
      c.broadcast('reminder', { username, text })
    }
  }
})

/** Connections with that id or of that person. */
function those (c, target) {
  return [...c.conns.values()].filter(({ id, state }) => id === target || state.username === target)
}
