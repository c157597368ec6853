// The classic script `actionhero.js`. A page that has a Primus already keeps it.

import { ActionheroWebsocketClient as Client } from '../actionhero/client'
import { Primus as Ours } from '../primus/primus'
import { publish } from './globals'

declare let Primus: unknown
declare let ActionheroWebsocketClient: unknown
declare let ActionheroClient: unknown

// Declared by the build around the bundle, so that a plugin's file appended to this one finds them in node too.
Primus = Primus || Ours
ActionheroWebsocketClient = ActionheroClient = Client
publish(Client, { ActionheroWebsocketClient: Client, ActionheroClient: Client, Primus })
