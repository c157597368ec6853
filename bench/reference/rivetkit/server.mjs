// RivetKit 2.0.33's own server with the demo's actors, on its own driver for one machine: the file system.
//
//     node server.mjs [PORT] [FOLDER]
//
// Without a port the system chooses one; the line `listening on http://127.0.0.1:PORT` says which. Without a folder the
// state goes to a temporary one, which is gone when the server ends.

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileSystemDriver, setup } from 'rivetkit'
import { chatRoom } from './chat-room.mjs'
import { counter } from './counter.mjs'

const [, , wanted = '0', folder = temporary()] = process.argv
const port = Number(wanted) || await anyPort()

setup({ use: { counter, chatRoom } }).start({
  driver: createFileSystemDriver({ path: folder }),
  defaultServerPort: port,
  // Its own defaults, 64 KiB and 1 MiB, are below what the contract of the demo's actors asks for.
  maxIncomingMessageSize: 8 << 20,
  maxOutgoingMessageSize: 8 << 20,
  inspector: { enabled: false },
  noWelcome: true
})
await answers(`http://127.0.0.1:${port}/health`)
console.log(`listening on http://127.0.0.1:${port}`)

/** A folder that goes with the process. */
function temporary () {
  const path = mkdtempSync(join(tmpdir(), 'reference-rivetkit-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
  return path
}

/** RivetKit has to be told a port. */
function anyPort () {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject).listen(0, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Starting tells nobody when it is done. */
async function answers (url) {
  const end = Date.now() + 20_000
  for (;;) {
    const well = await fetch(url).then(answer => answer.ok, () => false)
    if (well) return
    if (Date.now() > end) throw new Error(`${url} does not answer`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
