// One scenario for every subject in every place.

import { after, afterEach, before, describe, test } from 'node:test'
import { chosenPlaces, openProcess } from './places.mjs'
import { chosenSubjects } from './subjects.mjs'

/**
 * Runs `scenarios(use)` for every subject in every place. `use()` gives the desk of that place while a test runs, and
 * `use.subject` and `use.place` say which they are. Clients that a test leaves are closed after it.
 *
 * What takes long is for one of each kind only (`main`): the other files of a build are the same client in another
 * wrapping. What mostly waits may run `abreast`.
 */
export function everywhere (scenarios, { main = false, abreast = 1 } = {}) {
  pairs(chosenPlaces().filter(({ name }) => !main || name !== 'window'), main, abreast, scenarios)
}

/** The same in places that can sleep: a process of node's own, and a page. */
export function whereOneSleeps (scenarios) {
  const process = { name: 'process', takes: () => true, open: openProcess }
  const pages = chosenPlaces().filter(({ name }) => name === 'chromium')
  pairs([process, ...pages], true, 3, scenarios)
}

function pairs (places, main, concurrency, scenarios) {
  describe('clients', { concurrency }, () => {
    for (const place of places) {
      for (const subject of chosenSubjects()) {
        if (place.takes(subject) && (subject.main || !main)) at(place, subject, scenarios)
      }
    }
  })
}

function at (place, subject, scenarios) {
  // Subjects may run side by side, the tests of one share its desk.
  describe(`${subject.name} in ${place.name}`, { concurrency: 1 }, () => {
    let desk
    const use = Object.assign(() => desk, { subject, place: place.name, keeps: subject.keeps })
    before(async () => { desk = await place.open(subject) })
    afterEach(() => desk?.closeClients())
    after(() => desk?.close())
    scenarios(use)
  })
}

/** A test that only those take who promise it. */
export function promised (use, promise, name, body) {
  if (use.keeps[promise]) test(name, body)
}
