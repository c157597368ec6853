// Failures, in the two forms that people ask for: a response with `error`, as ActionHero's client gives it to
// a callback, and an Error, with which a promise is rejected.

import { unspelled } from './spelling'

/** What a server, or this client, answers. */
export interface Response { [key: string]: any }

export class Failure extends Error {
  declare code: string
  /** The inputs that the failure is about, where the server says so. */
  declare fields: any
  /** What else an actor says of it. */
  declare metadata: any
  declare response: Response
}

/** Whether a response says that it did not work. */
export function isFailure (response: any): boolean {
  if (typeof response !== 'object' || response === null) return false
  if (response instanceof Error) return true
  const { error } = response
  return error !== undefined && error !== null && error !== false
}

/** The Error for a response that says so. */
export function failureOf (response: any): Failure {
  if (response instanceof Error) return response as Failure
  const { error, code = 'error', fields, metadata } = response
  return Object.assign(new Error(textOf(error)), { code, fields, metadata: unspelled(metadata), response }) as Failure
}

function textOf (error: any): string {
  if (typeof error === 'string') return error.replace(/^Error: /, '')
  if (error && typeof error.message === 'string') return error.message
  if (error && typeof error.statusText === 'string') return error.statusText || 'The server could not be reached'
  return error === undefined ? 'The server refused it' : JSON.stringify(error)
}

/** A failure that this client itself knows of: an Error, and a response with `error` as well. */
export function ownFailure (code: string, text: string, messageId?: unknown): Failure {
  const failure: any = new Error(text)
  const response = { error: text, code, context: 'response', messageId }
  return Object.assign(failure, response, { response })
}

/** A promise whose rejection nobody has to look at: pages of old call `say` and never look back. */
export function quiet<T> (start: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
  const promise = new Promise<T>(start)
  promise.catch(() => {})
  return promise
}
