// Values that JSON lacks, on their way to an actor and back: a list of a name and a text stands for each. A list of
// two that looks like one of these has a `$` more.

declare const BigInt: ((digits: string) => unknown) | undefined

/** A copy of a list, each of its items as the server reads it. Throws what JSON can't say even so. */
export function spelled (list: unknown[]): unknown[] {
  try {
    return JSON.parse(JSON.stringify(list, function (this: any, key, value) {
      // As it was before its own `toJSON`.
      const own = this[key]
      if (typeof own === 'bigint') return ['$BigInt', String(own)]
      if (own instanceof Uint8Array) return ['$Uint8Array', btoa(Array.from(own, byte => String.fromCharCode(byte)).join(''))]
      return value !== list && isMarked(value) ? ['$' + value[0], value[1]] : value
    }))
  } catch (error) {
    throw Object.assign(error as Error, { code: 'not_encodable' })
  }
}

/** What the server spelled, as it is meant. */
export function unspelled (value: any): any {
  if (typeof value !== 'object' || !value) return value
  for (const key of Object.keys(value)) value[key] = unspelled(value[key])
  if (!isMarked(value)) return value
  const [name, text] = value
  if (name === '$BigInt' && BigInt) return BigInt(text)
  if (name === '$Uint8Array') return Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
  return name[1] === '$' ? [name.slice(1), text] : value
}

function isMarked (value: any): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && value[0][0] === '$'
}
