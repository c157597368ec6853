// An application that exists only for the explorer: its manifest has every form of input and answer, and markup where
// texts are, as an application of bad will would write it.

export const NASTY = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>bold</b>'

const text = { type: 'string' }
const DEFAULTS = { version: 1, isLatest: true, description: '', inputs: [], output: { kind: 'nothing' }, errors: [], web: true, websocket: true, timeout: 5_000 }
const input = (name, schema, rest = {}) => ({ name, schema, description: '', required: false, ownParsing: false, ...rest })

/** The manifest, with changes. */
export function toys (changes = {}) {
  return {
    name: 'toys',
    version: '1.2.3',
    description: 'Wooden ones.',
    actions: [
      { ...DEFAULTS, name: 'place', version: 2, description: 'Places something.\n\nAt `length`:\n\n- one\n- **two**\n\n```\nplace x=1\n```', inputs: placed(), output: { kind: 'value', schema: { $ref: '#/components/schemas/Placed' } }, errors: ['missing_param', 'taken'] },
      { ...DEFAULTS, name: 'place', isLatest: false, description: 'As it was.' },
      { ...DEFAULTS, name: 'quiet', description: 'Only over websockets.', web: false },
      { ...DEFAULTS, name: 'loud', description: 'Only over HTTP.', websocket: false, output: { kind: 'sent' } }
    ],
    rooms: [{ name: 'lobby', message: { $ref: '#/components/schemas/Placed' } }, { name: 'attic', message: null }],
    definitions: {
      PointInput: { type: 'object', properties: { x: { type: 'number' }, y: { type: 'number' } }, required: ['x'] },
      Placed: { type: 'object', properties: { at: { type: 'integer', description: 'From the left.' }, seen: { type: ['boolean', 'null'] }, next: { $ref: '#/components/schemas/Placed' } }, required: ['at'] }
    },
    places: { api: '/api', primus: '/primus', explorer: '/explorer', client: '/public/javascript/ActionheroWebsocketClient.js' },
    ...changes
  }
}

function placed () {
  return [
    input('point', { $ref: '#/components/schemas/PointInput' }, { required: true, description: 'Where it stands.' }),
    input('name', { ...text, minLength: 1, maxLength: 50 }, { required: true }),
    input('times', { type: 'integer', minimum: 1, exclusiveMaximum: 10, default: 2 }),
    input('color', { type: 'string', enum: ['red', 'green'] }),
    input('loud', { anyOf: [{ type: 'boolean' }, { type: 'null' }] }),
    input('tags', { type: 'array', items: text, maxItems: 4 }),
    input('anything', {}),
    input('note', text, { ownParsing: true })
  ]
}

/** The same in which every text is markup. */
export function nastyToys () {
  const action = { ...DEFAULTS, name: 'nasty', description: `${NASTY}\n\n- ${NASTY}\n\n[${NASTY}](javascript:alert(1)) \`${NASTY}\``, inputs: [input('field', { ...text, description: NASTY, default: NASTY }, { description: NASTY }), input('pick', { enum: [NASTY] })], output: { kind: 'value', schema: { type: 'object', properties: { [NASTY]: text }, required: [] } }, errors: [NASTY] }
  return toys({ name: NASTY, version: NASTY, description: NASTY, actions: [action, { ...action, name: NASTY }], rooms: [{ name: NASTY, message: null }] })
}
