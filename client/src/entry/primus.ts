// The classic script `primus.js`.

import { Primus as Ours } from '../primus/primus'
import { publish } from './globals'

declare let Primus: unknown

// Declared by the build around the bundle, so that a plugin's file appended to this one finds it in node too.
Primus = Ours
publish(Ours, { Primus: Ours })
