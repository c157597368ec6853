// What a JSON Schema says, as far as a form needs it: which field suits, what may stand in it, what it is in words.

const REF = '#/components/schemas/'

/** The schema itself where it is a reference, and without its `null` where it may be null. */
export function resolved (schema, definitions, depth = 0) {
  if (!schema || typeof schema !== 'object') return {}
  if (typeof schema.$ref === 'string' && depth < 20) {
    const { $ref, ...beside } = schema
    return { ...resolved(definitions[$ref.replace(REF, '')], definitions, depth + 1), ...beside }
  }
  const choices = schema.anyOf ?? schema.oneOf
  const real = choices?.filter(choice => choice.type !== 'null')
  if (real?.length === 1 && depth < 20) {
    return { ...resolved(real[0], definitions, depth + 1), ...without(schema, 'anyOf', 'oneOf') }
  }
  if (schema.allOf?.length === 1 && depth < 20) {
    return { ...resolved(schema.allOf[0], definitions, depth + 1), ...without(schema, 'allOf') }
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter(type => type !== 'null')
    return { ...schema, type: types.length === 1 ? types[0] : types }
  }
  return schema
}

function without (schema, ...names) {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}

/** The values that it lists, if it lists them. */
export function listed (schema) {
  if (Array.isArray(schema.enum)) return schema.enum.filter(value => value !== null)
  if (schema.const !== undefined) return [schema.const]
  const consts = schema.oneOf?.map(choice => choice.const)
  return consts?.length && consts.every(value => value !== undefined) ? consts : null
}

/** The kind of field that suits: choice, boolean, number, text, json (an object or a list), any. */
export function fieldKind (schema) {
  if (listed(schema)) return 'choice'
  switch (schema.type) {
    case 'boolean': return 'boolean'
    case 'integer':
    case 'number': return 'number'
    case 'string': return 'text'
    case 'object':
    case 'array': return 'json'
    default: return 'any'
  }
}

const KIND_WORDS = { boolean: 'true or false', integer: 'a whole number', number: 'a number', string: 'text', object: 'an object', array: 'a list' }

/** What may stand in it, in words. */
export function constraints (schema) {
  if (listed(schema)) return `one of ${listed(schema).map(value => JSON.stringify(value)).join(', ')}`
  const kind = KIND_WORDS[schema.type] ?? 'any value'
  return [schema.format && schema.type === 'string' ? `${kind} (${schema.format})` : kind, ...limits(schema)].join(', ')
}

function limits (schema) {
  const said = [between(schema.minLength, schema.maxLength, 'character'), between(schema.minItems, schema.maxItems, 'element')]
  if (schema.minimum !== undefined) said.push(`at least ${schema.minimum}`)
  if (schema.exclusiveMinimum !== undefined) said.push(`more than ${schema.exclusiveMinimum}`)
  if (schema.maximum !== undefined) said.push(`at most ${schema.maximum}`)
  if (schema.exclusiveMaximum !== undefined) said.push(`less than ${schema.exclusiveMaximum}`)
  if (schema.multipleOf !== undefined) said.push(`a multiple of ${schema.multipleOf}`)
  if (schema.pattern !== undefined) said.push(`like ${schema.pattern}`)
  return said.filter(Boolean)
}

function between (least, most, what) {
  const counted = n => `${n} ${what}${n === 1 ? '' : 's'}`
  if (least && most !== undefined) return least === most ? counted(least) : `${least} to ${counted(most)}`
  if (least) return `at least ${counted(least)}`
  return most === undefined ? '' : `at most ${counted(most)}`
}

/** A value of this form to begin with; what need not be there is left out. */
export function sample (schema, definitions, depth = 0) {
  const form = resolved(schema, definitions)
  if (form.default !== undefined) return form.default
  if (form.examples?.length) return form.examples[0]
  if (listed(form)) return listed(form)[0]
  if (form.type === 'object' && depth < 6) {
    const wanted = form.required ?? []
    return Object.fromEntries(wanted.map(name => [name, sample(form.properties?.[name], definitions, depth + 1)]))
  }
  return { boolean: false, integer: form.minimum ?? 0, number: form.minimum ?? 0, string: '', array: [], object: {} }[form.type] ?? null
}
