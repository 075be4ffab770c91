import { HttpProblem } from '../http/problems'
import { type Caller, countedCaller } from './caller'

/** Counts answers that stay open, so that nobody holds all that this process can. */
export interface Slots {
  /** Takes one; the function gives it back, once. @throws HttpProblem 429 for a caller with too many, 503 when all are taken */
  take(caller: Caller): () => void
}

const MOST = 20_000
const MOST_EACH = 2_000

/** @param most - together, and for one caller */
export function createSlots(most = MOST, mostEach = MOST_EACH): Slots {
  const taken = new Map<string, number>()
  let together = 0
  return {
    take(caller) {
      const name = countedCaller(caller)
      const own = taken.get(name) ?? 0
      if (own >= mostEach)
        throw new HttpProblem(429, 'too-many-open', `You hold ${own} open answers. Close some first.`)
      if (together >= most)
        throw new HttpProblem(503, 'too-many-open', 'Too many answers are open here just now. Try again.')
      taken.set(name, own + 1)
      together += 1
      let held = true
      return () => {
        if (!held) return
        held = false
        together -= 1
        const left = (taken.get(name) ?? 1) - 1
        if (left === 0) taken.delete(name)
        else taken.set(name, left)
      }
    },
  }
}
