import { HttpProblem } from '../http/problems'
import { type Caller, countedCaller } from './caller'

/** Answers that stay open: counted, so that nobody holds all that this process can, and ended when the server closes. */
export interface Slots {
  /**
   * Takes one; the function gives it back, once.
   *
   * @param end - called when the server closes while it is held
   * @throws HttpProblem 429 for a caller with too many, 503 when all are taken
   */
  take(caller: Caller, end: () => void): () => void
}

const MOST = 20_000
const MOST_EACH = 2_000

/** @param most - together, and for one caller */
export function createSlots(closing: AbortSignal, most = MOST, mostEach = MOST_EACH): Slots {
  const open = new Set<() => void>()
  const endAll = (): void => {
    for (const end of [...open]) end()
  }
  closing.addEventListener('abort', endAll, { once: true })
  const taken = new Map<string, number>()
  return {
    take(caller, end) {
      const name = countedCaller(caller)
      const own = taken.get(name) ?? 0
      if (own >= mostEach)
        throw new HttpProblem(429, 'too-many-open', `You hold ${own} open answers. Close some first.`)
      if (closing.aborted) throw new HttpProblem(503, 'closing', 'This server is closing. Try again.')
      if (open.size >= most)
        throw new HttpProblem(503, 'too-many-open', 'Too many answers are open here just now. Try again.')
      taken.set(name, own + 1)
      // Of its own: two may end in the same way.
      const ending = (): void => end()
      open.add(ending)
      return () => {
        if (!open.delete(ending)) return
        const left = (taken.get(name) ?? 1) - 1
        if (left === 0) taken.delete(name)
        else taken.set(name, left)
      }
    },
  }
}
