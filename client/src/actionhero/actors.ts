// The seats at actors of one client: who is to take one again, and who hears what.

import { Actor } from './actor'
import type { Ground } from './actor'
import type { Failure, Response } from './failure'

export class Actors {
  private readonly all = new Set<Actor>()
  private readonly seats = new Map<number, Actor>()
  private readonly ground: Ground

  constructor (ground: Pick<Ground, 'send' | 'unable' | 'ready' | 'limit'>) {
    this.ground = Object.assign({
      place: (seat: number, actor?: Actor) => {
        if (actor) this.seats.set(seat, actor)
        else this.seats.delete(seat)
      },
      gone: (actor: Actor) => { this.all.delete(actor) }
    }, ground)
  }

  /** A new one, with a seat as soon as there can be one. */
  add (name: string, key: string | string[], params: unknown): Actor {
    const actor = new Actor(this.ground, [name, key], params)
    this.all.add(actor)
    actor.sit()
    return actor
  }

  /** A connection is there. */
  sit (): void {
    for (const actor of Array.from(this.all)) actor.sit()
  }

  /** It is gone. */
  lost (): void {
    for (const actor of Array.from(this.all)) actor.lost()
  }

  /** And none will come: what waits for it is told. */
  reject (failure: Failure): void {
    for (const actor of Array.from(this.all)) actor.reject(failure)
  }

  hear (message: Response): void {
    const actor = this.seats.get(message.seat)
    if (actor) actor.hear(message)
  }
}
