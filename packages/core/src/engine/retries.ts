import type { Engine } from './engine'

/** What failed, and when each of it may be tried again. In memory: whoever keeps it finds it again after a restart. */
export interface Retries {
  /** It failed once more: it waits twice as long as before. `null`: there is no room to remember it; else when it is due. */
  failed(id: string): number | null
  /** It went well, or is given up. */
  done(id: string): void
  /** Whether it failed and nothing went well since. */
  has(id: string): boolean
  /** Those whose time has come, the one that was tried longest ago first. */
  due(): readonly string[]
  readonly size: number
}

/** How much is remembered, and how long is waited. */
export interface RetryOptions {
  /** So many at the most. */
  readonly most: number
  /** The wait after the first failure, in milliseconds; each further one doubles it. */
  readonly firstMs: () => number
  /** The longest wait, in milliseconds, where the first is not longer. */
  readonly longestMs: number
}

interface Failing {
  readonly failures: number
  readonly at: number
}

/** Makes an empty list of what is to be tried again, by the store's time. */
export function createRetries(engine: () => Engine, { most, firstMs, longestMs }: RetryOptions): Retries {
  /** In the order in which they were last tried. */
  const failing = new Map<string, Failing>()
  return {
    failed(id) {
      const failures = failing.get(id)?.failures ?? 0
      if (failures === 0 && failing.size >= most) return null
      const first = firstMs()
      const at =
        engine().store.now() + Math.min(Math.max(first, longestMs), first * 2 ** Math.min(failures, 40))
      failing.delete(id)
      failing.set(id, { failures: failures + 1, at })
      return at
    },
    done: (id) => void failing.delete(id),
    has: (id) => failing.has(id),
    due() {
      const now = engine().store.now()
      // Asked at every sweep, of up to a hundred thousand.
      const ids: string[] = []
      for (const [id, { at }] of failing) if (at <= now) ids.push(id)
      return ids
    },
    get size() {
      return failing.size
    },
  }
}
