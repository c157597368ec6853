// What the browser knows of the network and of sleep.

export interface Watching {
  offline: () => void
  online: () => void
  /** The page was hidden, frozen or asleep, and is back. */
  wake: () => void
}

/** Listens until the function that it returns is called. Where there is no browser it does nothing. */
export function watchNetwork (watching: Watching): () => void {
  const events: Array<[any, string, () => void]> = []
  const wake = (): void => {
    // The event `online` may have been missed while nothing ran here.
    if (typeof navigator !== 'undefined' && navigator.onLine) watching.online()
    watching.wake()
  }
  const shown = (): void => { if (document.visibilityState !== 'hidden') wake() }
  if (typeof addEventListener === 'function' && typeof navigator !== 'undefined' && 'onLine' in navigator) {
    const page = typeof window !== 'undefined' ? window : self
    events.push([page, 'offline', watching.offline], [page, 'online', watching.online], [page, 'pageshow', wake])
  }
  if (typeof document !== 'undefined' && 'addEventListener' in document) {
    events.push([document, 'visibilitychange', shown], [document, 'resume', wake])
  }
  for (const [target, name, listener] of events) target.addEventListener(name, listener, false)
  return () => {
    for (const [target, name, listener] of events) target.removeEventListener(name, listener, false)
  }
}
