// The npm package's entries.

export { ActionheroWebsocketClient, ActionheroWebsocketClient as ActionheroClient } from '../actionhero/client'
export { ActionheroWebsocketClient as default } from '../actionhero/client'
export { Primus } from '../primus/primus'
