// Transformers: functions of plugins that look at each message, change it or keep it to themselves.

export interface Packet { data: any }

/** With one parameter it acts at once; with two it calls `done(error, goesOn)` when it likes. */
export type Transformer = (this: any, packet: Packet, done?: (error?: Error | null, goesOn?: boolean) => void) => unknown

/** Sends data through all of them; `done` gets what comes out, and `kept` is called if nothing does. */
export function transformed (
  self: { emit: (name: string, ...args: any[]) => boolean },
  transformers: Transformer[],
  data: unknown,
  done: (data: any) => void,
  kept: () => void = () => {}
): void {
  const packet: Packet = { data }
  const next = (index: number): void => {
    const transformer = transformers[index]
    if (!transformer) return done(packet.data)
    if (transformer.length < 2) {
      if (transformer.call(self, packet) !== false) next(index + 1)
      else kept()
      return
    }
    transformer.call(self, packet, (error, goesOn) => {
      if (error) self.emit('error', error)
      if (error || goesOn === false) kept()
      else next(index + 1)
    })
  }
  next(0)
}
