// RivetKit 2.0.33.

import './quiet.mjs'
import { createClient } from 'rivetkit-2.0/client'
import { rivet } from './rivet.mjs'

export function rivet20 ({ encoding } = {}) {
  return rivet({ version: '2.0.33', encoding, make: createClient, socket: 'websocket' })
}
