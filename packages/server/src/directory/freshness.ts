/** Answers that are used again while they are fresh. Failures never are. */
export interface Freshness<T> {
  /** The fresh answer of this name, or a new one; asked once, however many want it at one time. */
  get(name: string, ask: () => Promise<T>): Promise<T>
}

const MOST = 10_000

/** @param maxAgeMs - from when it was asked for: an answer may have been on its way for long */
export function createFreshness<T>(maxAgeMs: number): Freshness<T> {
  const kept = new Map<string, { readonly askedAt: number; readonly answer: Promise<T> }>()
  return {
    get(name, ask) {
      const before = kept.get(name)
      // Steady time: a wall clock that is set back must keep nothing fresh.
      const now = performance.now()
      if (before !== undefined && now - before.askedAt < maxAgeMs) return before.answer
      const entry = { askedAt: now, answer: ask() }
      kept.delete(name)
      kept.set(name, entry)
      entry.answer.catch(() => {
        if (kept.get(name) === entry) kept.delete(name)
      })
      const [oldest] = kept.keys()
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest)
      return entry.answer
    },
  }
}
