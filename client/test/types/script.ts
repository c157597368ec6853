// What the types let through that a server writes beside the script: as a global of pages, and as a module.

import Client = require('./generated/ActionheroWebsocketClient')

const client = new Client({ url: 'http://h' })
const line: Client.Application.Line = { text: 'hi' }
client.action('shout', { line }).then(reply => reply.count.toFixed())
// @ts-expect-error: a text where a line belongs
client.action('shout', { line: 'hi' })
// @ts-expect-error: no action of this name
client.action('whisper')
client.on('say', message => { if (typeof message.message !== 'string') message.message.text.trim() })
const said = (message: Client.Said): string => message.room
client.on('say', said)
client.action('shout', { line }, reply => { if (reply.error) void (reply.code === 'too_loud') })
void new Client.ActionheroClient()
void [Client.Primus, ActionheroClient, Primus.version]
