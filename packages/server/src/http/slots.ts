import { HttpProblem } from './problems'

/** Answers that stay open: counted, so that nobody holds all that this process can, and ended when the server closes. */
export interface Slots {
  /**
   * Takes one; the function gives it back, once.
   *
   * @param who - a verified name: {@link SlotsOptions.mostEach} counts by it
   * @param end - called when the server closes while it is held
   * @throws HttpProblem for one with too many, 503 when all are taken
   */
  take(who: string, end: () => void): () => void
}

/** How many answers stay open. */
export interface SlotsOptions {
  /** Together. @default 20,000 */
  readonly most?: number
  /** For one person or key. @default 2,000 */
  readonly mostEach?: number
  /** What one with too many is answered. @default 429 */
  readonly status?: 429 | 503
}

/** @param closing - aborts when the server closes: then all end, and none is given any more */
export function createSlots(
  closing: AbortSignal,
  { most = 20_000, mostEach = 2_000, status = 429 }: SlotsOptions = {},
): Slots {
  const open = new Set<() => void>()
  const endAll = (): void => {
    for (const end of [...open]) end()
  }
  closing.addEventListener('abort', endAll, { once: true })
  const taken = new Map<string, number>()
  return {
    take(who, end) {
      const own = taken.get(who) ?? 0
      if (own >= mostEach)
        throw new HttpProblem(status, 'too-many-open', `You hold ${own} open answers. Close some first.`)
      if (closing.aborted) throw new HttpProblem(503, 'closing', 'This server is closing. Try again.')
      if (open.size >= most)
        throw new HttpProblem(503, 'too-many-open', 'Too many answers are open here just now. Try again.')
      taken.set(who, own + 1)
      // Of its own: two may end in the same way.
      const ending = (): void => end()
      open.add(ending)
      return () => {
        if (!open.delete(ending)) return
        const left = (taken.get(who) ?? 1) - 1
        if (left === 0) taken.delete(who)
        else taken.set(who, left)
      }
    },
  }
}
