import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** Has the process of effects do a piece of work: its line comes after so many milliseconds, the answer after so many. */
export type WorkElsewhere = (key: string, lineAfter: number, answerAfter: number) => Promise<void>

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
    work: (key, lineAfter, answerAfter) =>
      new Promise((resolve) => {
        asked.set(key, resolve)
        socket.write(`${key} ${lineAfter} ${answerAfter} .\n`)
      }),
    end: () => socket.end(),
  }
}
