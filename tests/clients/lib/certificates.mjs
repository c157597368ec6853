// Certificates for one test run, made by openssl: an authority that nobody knows, and a server's that it
// vouches for.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOST } from './host.mjs'

/** Files `ca`, `cert` and `key` in a folder, for a server on this file's address and localhost. */
export function certificates (folder) {
  const file = name => join(folder, name)
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

  openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2',
    '-subj', '/CN=Playhouse tests', '-addext', 'keyUsage=critical,keyCertSign')
  openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost')
  writeFileSync(file('server.ext'), `subjectAltName=DNS:localhost,IP:${HOST}\nextendedKeyUsage=serverAuth\n`)
  openssl('x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'),
    '-CAcreateserial', '-days', '2', '-extfile', file('server.ext'), '-out', file('server.pem'))
  return { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') }
}
