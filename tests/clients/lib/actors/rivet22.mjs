// RivetKit 2.2.1.

import './quiet.mjs'
import { createClient } from 'rivetkit-2.2/client'
import { rivet } from './rivet.mjs'

export function rivet22 ({ encoding } = {}) {
  return rivet({ version: '2.2.1', encoding, make: createClient })
}
