// A JSON Schema as a type that one reads at a glance, much as TypeScript writes it.

import { listed } from './schema.js'

const REF = '#/components/schemas/'
const DEEP = 6

/** The type as text; named forms are written out where they stand, unless they are in themselves. */
export function typeText (schema, definitions, indent = '', inside = []) {
  if (!schema || typeof schema !== 'object') return 'unknown'
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.replace(REF, '')
    if (inside.includes(name) || inside.length >= DEEP) return name
    return typeText(definitions[name], definitions, indent, [...inside, name])
  }
  const values = listed(schema)
  if (values) return values.map(value => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return union(choices.map(choice => typeText(choice, definitions, indent, inside)))
  if (schema.allOf) return schema.allOf.map(part => typeText(part, definitions, indent, inside)).join(' & ')
  if (Array.isArray(schema.type)) {
    return union(schema.type.map(type => typeText({ ...schema, type }, definitions, indent, inside)))
  }
  return ofType(schema, definitions, indent, inside)
}

const union = types => [...new Set(types)].join(' | ')

function ofType (schema, definitions, indent, inside) {
  switch (schema.type) {
    case 'string': return 'string'
    case 'integer':
    case 'number': return 'number'
    case 'boolean': return 'boolean'
    case 'null': return 'null'
    case 'array': return list(typeText(schema.items ?? {}, definitions, indent, inside))
    case 'object': return object(schema, definitions, indent, inside)
    default: return schema.properties ? object(schema, definitions, indent, inside) : 'unknown'
  }
}

const list = type => / [|&] /.test(type) && !type.startsWith('{') ? `(${type})[]` : `${type}[]`

function object (schema, definitions, indent, inside) {
  const deeper = `${indent}  `
  const lines = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const must = schema.required?.includes(name)
    const type = typeText(property, definitions, deeper, inside)
    const says = property.description ? `${deeper}// ${property.description.split('\n')[0]}\n` : ''
    return `${says}${deeper}${key(name)}${must ? '' : '?'}: ${type}`
  })
  const rest = schema.additionalProperties
  if (rest && typeof rest === 'object') lines.push(`${deeper}[key: string]: ${typeText(rest, definitions, deeper, inside)}`)
  return lines.length ? `{\n${lines.join('\n')}\n${indent}}` : rest === false ? '{}' : 'object'
}

const key = name => /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
