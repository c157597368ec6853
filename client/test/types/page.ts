// A page's own script, with the server's types as globals.

/// <reference path="./generated/ActionheroWebsocketClient.d.ts" />
const client = new ActionheroWebsocketClient()
const older: ActionheroClient = new ActionheroClient()
client.action('shout', { line: { text: 'hi' } }, reply => { if (!reply.error) reply.count.toFixed() })
// @ts-expect-error: a number where a text belongs
older.action('shout', { line: { text: 5 } })
function listen (message: ActionheroWebsocketClient.Said): void { void message.from }
client.on('say', listen)
