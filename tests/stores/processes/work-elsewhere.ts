import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** Has the process of effects do a piece of work after so many milliseconds. Resolves once it is done. */
export type WorkElsewhere = (key: string, afterMs: number) => Promise<void>

/** Connects to the process of effects on this port. */
export async function connectToEffects(port: number): Promise<{ work: WorkElsewhere; end(): void }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const asked = new Map<string, () => void>()
  createInterface({ input: socket }).on('line', (key) => {
    asked.get(key)?.()
    asked.delete(key)
  })
  return {
    work: (key, afterMs) =>
      new Promise((resolve) => {
        asked.set(key, resolve)
        socket.write(`${key} ${afterMs} .\n`)
      }),
    end: () => socket.end(),
  }
}
