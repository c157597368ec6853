// The demo's counter, for RivetKit.

import { actor, UserError } from 'rivetkit'

export const counter = actor({
  createState: (c, input) => ({ count: input?.start ?? 0, log: [] }),

  actions: {
    increment (c, by = 1) {
      c.state.count += by
      c.broadcast('newCount', c.state.count)
      return c.state.count
    },

    getCount: c => c.state.count,

    append (c, tag) {
      c.state.log.push(tag)
      return c.state.log.length
    },

    getLog: c => c.state.log,
    echo: (c, value) => value,
    nothing () {},
    blob: (c, n) => 'x'.repeat(n),

    fail (c, kind) {
      if (kind === 'user') {
        throw new UserError('insufficient funds', { code: 'insufficient_funds', metadata: { needed: 5, have: 2 } })
      }
      if (kind === 'plain') throw new UserError('plain failure')
      throw new Error('secret detail 8271')
    },

    async slow (c, ms) {
      await new Promise(resolve => setTimeout(resolve, ms))
      return ms
    }
  },

  async onRequest (c, request) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/count' && request.method === 'GET') return Response.json({ count: c.state.count })
    if (pathname === '/echo') {
      return new Response(await request.text(), { status: 201, headers: { 'x-demo': searchParams.get('q') ?? '' } })
    }
    return new Response('not here', { status: 404 })
  },

  onWebSocket (c, websocket) {
    websocket.addEventListener('message', ({ data }) => {
      websocket.send(typeof data === 'string' ? `echo:${data}` : data)
    })
  }
})
