// RivetKit 2.3.19.

import './quiet.mjs'
import { createClient } from 'rivetkit-2.3/client'
import { rivet } from './rivet.mjs'

export function rivet23 ({ encoding } = {}) {
  return rivet({ version: '2.3.19', encoding, make: createClient })
}
