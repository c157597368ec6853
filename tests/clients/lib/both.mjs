// One scenario for every subject in every place.

import { after, afterEach, before, describe, test } from 'node:test'
import { chosenPlaces, openProcess } from './places.mjs'
import { chosenSubjects } from './subjects.mjs'

/**
 * Runs `scenarios(use)` for every subject in every place. `use()` gives the desk of that place while a test runs, and
 * `use.subject` and `use.place` say which they are. Clients that a test leaves are closed after it.
 */
export function everywhere (scenarios, { where = () => true } = {}) {
  for (const place of chosenPlaces()) {
    for (const subject of chosenSubjects()) {
      if (place.takes(subject) && where(subject, place)) at(place, subject, scenarios)
    }
  }
}

/** The same in places that can sleep: a process of node's own, and a page. */
export function whereOneSleeps (scenarios) {
  const process = { name: 'process', takes: () => true, open: openProcess }
  for (const place of [process, ...chosenPlaces().filter(({ name }) => name === 'chromium')]) {
    for (const subject of chosenSubjects()) {
      if (place.takes(subject)) at(place, subject, scenarios)
    }
  }
}

function at (place, subject, scenarios) {
  describe(`${subject.name} in ${place.name}`, () => {
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
