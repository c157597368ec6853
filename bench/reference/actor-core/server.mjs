// actor-core 0.6.3's own server (its standalone topology) with the demo's actors. Its driver for one machine was a package
// of its own and is no longer to be had: `memory.mjs` is one that keeps everything in memory.
//
//     node server.mjs [PORT]
//
// Without a port the system chooses one; the line `listening on http://127.0.0.1:PORT` says which.

import './promise.mjs'
import { serve } from '@hono/node-server'
import { createNodeWebSocket } from '@hono/node-ws'
import { StandaloneTopology } from 'actor-core'
import { BaseConfigSchema } from 'actor-core/driver-helpers'
import { ChatRoom } from './chat-room.mjs'
import { Counter } from './counter.mjs'
import { memoryDrivers } from './memory.mjs'

let injectWebSocket
const topology = new StandaloneTopology(BaseConfigSchema.parse({
  actors: { counter: Counter, chatRoom: ChatRoom },
  topology: 'standalone',
  drivers: memoryDrivers(),
  maxIncomingMessageSize: 8 << 20,
  cors: { origin: origin => origin },
  getUpgradeWebSocket: app => {
    const both = createNodeWebSocket({ app })
    injectWebSocket = both.injectWebSocket
    return both.upgradeWebSocket
  }
}))
const server = serve({ fetch: topology.router.fetch, port: Number(process.argv[2] ?? 0) }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`)
})
injectWebSocket(server)
