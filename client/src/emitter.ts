// Events: the one class that everything here stands on. It knows nothing of links.

import { guarded } from './guarded'

export type Listener = (...args: any[]) => void

interface Entry {
  listener: Listener
  once: boolean
  /** A once one that was called. */
  over?: boolean
  context: unknown
}

type Table = Map<string, Entry[]>

/**
 * Listeners that are called in the order in which they came. An `error` without listeners is no exception. One
 * that throws keeps no other from being told, as with the events of a page: its error is reported by itself.
 */
export class Emitter {
  declare private _events?: Table

  on (name: string, listener: Listener, context?: unknown): this {
    return this.listen(name, { listener, once: false, context })
  }

  once (name: string, listener: Listener, context?: unknown): this {
    return this.listen(name, { listener, once: true, context })
  }

  addListener (name: string, listener: Listener, context?: unknown): this {
    return this.on(name, listener, context)
  }

  /** Takes one listener away, or all of that event if none is named. */
  off (name: string, listener?: Listener): this {
    remove(this, name, entry => !listener || entry.listener === listener)
    return this
  }

  removeListener (name: string, listener?: Listener): this {
    return this.off(name, listener)
  }

  removeAllListeners (name?: string): this {
    if (name === undefined) tableOf(this).clear()
    else tableOf(this).delete(name)
    return this
  }

  emit (name: string, ...args: any[]): boolean {
    const entries = tableOf(this).get(name)
    if (!entries) return false
    for (const entry of entries) {
      // A listener may emit the same event, and walk through this list as well.
      if (entry.over) continue
      if (entry.once) {
        entry.over = true
        remove(this, name, other => other === entry)
      }
      guarded(() => entry.listener.apply(entry.context === undefined ? this : entry.context, args))
    }
    return true
  }

  listeners (name: string): Listener[] {
    return (tableOf(this).get(name) || []).map(entry => entry.listener)
  }

  listenerCount (name: string): number {
    return this.listeners(name).length
  }

  eventNames (): string[] {
    return Array.from(tableOf(this).keys())
  }

  private listen (name: string, entry: Entry): this {
    const table = tableOf(this)
    // A new list: one that is being walked through by `emit` stays as it is.
    table.set(name, (table.get(name) || []).concat(entry))
    return this
  }
}

function remove (emitter: Emitter, name: string, goes: (entry: Entry) => boolean): void {
  const table = tableOf(emitter)
  const left = (table.get(name) || []).filter(entry => !goes(entry))
  if (left.length > 0) table.set(name, left)
  else table.delete(name)
}

/**
 * Each object has listeners of its own, even where an emitter is the prototype of many: ActionHero's file
 * makes its class in this way, and two clients on a page must not hear each other's events.
 */
function tableOf (emitter: Emitter): Table {
  const own = emitter as unknown as { _events: Table }
  if (!Object.prototype.hasOwnProperty.call(emitter, '_events')) {
    Object.defineProperty(own, '_events', { value: new Map(), writable: true })
  }
  return own._events
}

/** The same class for pages that call it as a function (`EventEmitter.call(this)`), as older code does. */
export const EventEmitter = function EventEmitter () {} as unknown as typeof Emitter
Object.defineProperty(EventEmitter, 'prototype', { value: Emitter.prototype })
