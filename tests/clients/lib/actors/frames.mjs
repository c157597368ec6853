// The frames of a connection in each encoding, and the bodies of calls. Just enough of each to speak by hand.

import { Encoder } from 'cbor-x'
import { Reader, Writer } from './bare.mjs'

/** As the clients set it up. */
const cbor = new Encoder({ useRecords: false, mapsAsObjects: true })
const FRAMES_TO_SERVER = ['ActionRequest', 'SubscriptionRequest']
const FRAMES_TO_CLIENT = ['Init', 'Error', 'ActionResponse', 'Event']
const TYPES = { bare: 'application/octet-stream', cbor: 'application/octet-stream', json: 'application/json' }

/** JSON has neither big integers nor bytes. */
const json = {
  encode: value => JSON.stringify(value, (key, value) => typeof value === 'bigint' ? ['$BigInt', String(value)] : value),
  decode: text => JSON.parse(text, (key, value) => Array.isArray(value) && value[0] === '$BigInt' ? BigInt(value[1]) : value)
}

/** Frames and bodies where every field has its name. */
function named (name, { encode, decode }) {
  return {
    type: TYPES[name],
    encode: ({ tag, ...val }) => encode({ body: { tag, val: { ...val, ...'id' in val && { id: BigInt(val.id) } } } }),
    decode: data => {
      const { body: { tag, val } } = decode(data)
      return { tag, ...val }
    },
    args: args => encode({ args }),
    output: body => decode(body).output
  }
}

const bare = {
  type: TYPES.bare,

  encode ({ tag, id, name, args, eventName, subscribe }) {
    const writer = new Writer(2).byte(FRAMES_TO_SERVER.indexOf(tag))
    if (tag === 'ActionRequest') return writer.uint(BigInt(id)).text(name).data(cbor.encode(args)).bytes()
    return writer.text(eventName).byte(subscribe ? 1 : 0).bytes()
  },

  decode (data) {
    const reader = new Reader(data)
    const tag = FRAMES_TO_CLIENT[reader.byte()]
    const frame = { tag, ...READ[tag](reader) }
    reader.end()
    return frame
  },

  args: args => new Writer(2).data(cbor.encode(args)).bytes(),

  output (body) {
    const reader = new Reader(body)
    const output = cbor.decode(reader.data())
    reader.end()
    return output
  }
}

const READ = {
  Init: reader => ({ actorId: reader.text(), connectionId: reader.text() }),
  Error: reader => ({
    group: reader.text(),
    code: reader.text(),
    message: reader.text(),
    metadata: reader.optional(() => cbor.decode(reader.data())),
    actionId: reader.optional(() => reader.uint())
  }),
  ActionResponse: reader => ({ id: reader.uint(), output: cbor.decode(reader.data()) }),
  Event: reader => ({ name: reader.text(), args: cbor.decode(reader.data()) })
}

/** Each with `encode` and `decode` for frames, `args` and `output` for bodies, `type` for their content type. */
export const CODECS = {
  bare,
  cbor: named('cbor', { encode: value => cbor.encode(value), decode: data => cbor.decode(data) }),
  json: named('json', { encode: json.encode, decode: data => json.decode(String(data)) })
}

/** The names of the encodings. */
export const ENCODINGS = Object.keys(CODECS)
