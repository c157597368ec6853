// actor-core's drivers for one process: which actors there are, what they keep, when they are to be woken.

/** What a topology wants as `drivers`. */
export function memoryDrivers () {
  return { manager: new Register(), actor: new Keeper() }
}

/** Finds and makes actors. */
class Register {
  #tags = new Map()

  async getForId ({ baseUrl, actorId }) {
    const tags = this.#tags.get(actorId)
    return tags && { endpoint: `${baseUrl}/actors/${actorId}`, tags }
  }

  async getWithTags ({ baseUrl, tags }) {
    const wanted = Object.entries(tags)
    for (const [id, has] of this.#tags) {
      if (wanted.every(([key, value]) => has[key] === value)) return { endpoint: `${baseUrl}/actors/${id}`, tags: has }
    }
  }

  async createActor ({ baseUrl, tags }) {
    const id = crypto.randomUUID()
    this.#tags.set(id, tags)
    return { endpoint: `${baseUrl}/actors/${id}` }
  }
}

/** Keeps what actors keep, as copies. */
class Keeper {
  #kept = new Map()

  async kvGet (id, key) {
    const text = this.#kept.get(place(id, key))
    return text === undefined ? undefined : JSON.parse(text)
  }

  kvGetBatch (id, keys) {
    return Promise.all(keys.map(key => this.kvGet(id, key)))
  }

  async kvPut (id, key, value) {
    this.#kept.set(place(id, key), JSON.stringify(value))
  }

  async kvPutBatch (id, pairs) {
    for (const [key, value] of pairs) await this.kvPut(id, key, value)
  }

  async kvDelete (id, key) {
    this.#kept.delete(place(id, key))
  }

  async kvDeleteBatch (id, keys) {
    for (const key of keys) await this.kvDelete(id, key)
  }

  /** It takes only what is past when it is woken, so it is woken a little later. */
  async setAlarm (actor, timestamp) {
    setTimeout(() => actor.__onAlarm(), Math.max(0, timestamp - Date.now()) + 2)
  }
}

function place (id, key) {
  return JSON.stringify([id, key])
}
