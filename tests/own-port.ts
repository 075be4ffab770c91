import { createServer } from 'node:net'

/** Below the range from which systems give ports by themselves (from 32768 on Linux, 49152 elsewhere), above those with a name. */
const FIRST = 16_384
const COUNT = 16_000
/** So many are of one process, and next to each other. */
const EACH = 32
let given = 0

/**
 * A port for a program that has to be told one before it listens. Nobody is given it by chance meanwhile, as happens to one that
 * the system gave and got back: it is of no range from which ports are given, and of this process alone. Where a test listens
 * by itself, it listens on 0.
 */
export async function ownPort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried += 1) {
    const port = FIRST + ((process.pid * EACH + given) % COUNT)
    given += 1
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${FIRST} on is free`)
}

/** On every address. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}
