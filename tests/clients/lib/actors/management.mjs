// The management API, by hand: always JSON, in every family of clients that asks for actors by key.

import { request } from '../http.mjs'

const JSON_TYPE = { 'content-type': 'application/json' }

/** `PUT /actors`: the actor of that name and serialised key, made if need be. */
export function getOrCreate (server, name, key, { query = '', ...fields } = {}) {
  const body = { name, key, runner_name_selector: 'default', crash_policy: 'sleep', ...fields }
  return request(server, 'PUT', `/actors?namespace=default${query}`, { body, headers: JSON_TYPE })
}

/** `POST /actors`: a new one. */
export function create (server, name, key, { query = '', ...fields } = {}) {
  const body = { name, key, runner_name_selector: 'default', crash_policy: 'sleep', ...fields }
  return request(server, 'POST', `/actors?namespace=default${query}`, { body, headers: JSON_TYPE })
}

/** `GET /actors` with those parameters. */
export function find (server, parameters) {
  return request(server, 'GET', `/actors?${new URLSearchParams({ namespace: 'default', ...parameters })}`)
}

/** The id of an actor that is there from now on. */
export async function idOf (server, name, key) {
  const { json, body, status } = await getOrCreate(server, name, key)
  if (status !== 200) throw new Error(`no actor ${name} ${key}: ${status} ${body}`)
  return json.actor.actor_id
}
