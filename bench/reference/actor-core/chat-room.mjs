// The demo's chat room, for actor-core.

import { Actor, UserError } from 'actor-core'

export class ChatRoom extends Actor {
  _onInitialize () {
    return { history: [], lifecycle: [], seq: 0 }
  }

  _onBeforeConnect ({ parameters }) {
    if (!parameters?.username) throw new UserError('username is required', { code: 'missing_username' })
    const { username, token } = parameters
    if (token !== 'letmein') throw new UserError('bad token', { code: 'invalid_token', metadata: { username } })
    return { username, nickname: null }
  }

  _onConnect ({ id, state: { username } }) {
    this._state.lifecycle.push(`connect:${username}`)
    this._broadcast('joined', { username, connId: id })
  }

  _onDisconnect ({ id, state: { username } }) {
    this._state.lifecycle.push(`disconnect:${username}`)
    this._broadcast('left', { username, connId: id })
  }

  sendMessage (rpc, text) {
    const message = { seq: this._state.seq += 1, from: rpc.connection.state.username, text }
    this._state.history.push(message)
    this._broadcast('newMessage', message)
    return message
  }

  getHistory () {
    return this._state.history
  }

  directMessage (rpc, target, text) {
    const reached = this._those(target)
    for (const connection of reached) connection.send('directMessage', { from: rpc.connection.state.username, text })
    return reached.length
  }

  async kick (rpc, target, reason) {
    const closed = this._those(target)
    await Promise.all(closed.map(connection => connection.disconnect(reason)))
    return closed.length
  }

  whoami ({ connection: { id, state: { username, nickname } } }) {
    return { connId: id, username, nickname }
  }

  setNickname (rpc, nickname) {
    rpc.connection.state.nickname = nickname
    return nickname
  }

  listConnections () {
    return [...this._connections.values()].map(({ id, state: { username } }) => ({ id, username }))
  }

  getLifecycle () {
    return this._state.lifecycle
  }

  async remindMe (rpc, ms, text) {
    await this._schedule.after(ms, '_fireReminder', rpc.connection.state.username, text)
    return true
  }

  /** Called by the schedule, which wants to see a result. */
  _fireReminder (username, text) {
    this._broadcast('reminder', { username, text })
    return { result: {} }
  }

  /** Connections with that id or of that person. */
  _those (target) {
    return [...this._connections.values()].filter(({ id, state }) => id === target || state.username === target)
  }
}
