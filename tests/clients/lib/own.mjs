// Our own client as node has it from npm. What it needs of `ws` is that of these tests: its own folder may have none.

import { createRequire } from 'node:module'
import WebSocket from 'ws'

globalThis.WebSocket ??= WebSocket

export const { ActionheroWebsocketClient } = createRequire(import.meta.url)('../../../client/dist/index.cjs')
