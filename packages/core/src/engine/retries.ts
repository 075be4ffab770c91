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

/** How long is waited, all of it in milliseconds. */
export interface RetryTimes {
  /** After the first failure; each further one doubles it. */
  readonly firstMs: number
  /** The longest. */
  readonly mostMs: number
  readonly now: number
}

interface Failing {
  readonly failures: number
  readonly at: number
}

/** Makes an empty list of what is to be tried again, with room for `most`. */
export function createRetries(most: number, times: () => RetryTimes): Retries {
  /** In the order in which they were last tried. */
  const failing = new Map<string, Failing>()
  return {
    failed(id) {
      const failures = failing.get(id)?.failures ?? 0
      if (failures === 0 && failing.size >= most) return null
      const { firstMs, mostMs, now } = times()
      const at = now + Math.min(mostMs, firstMs * 2 ** failures)
      failing.delete(id)
      failing.set(id, { failures: failures + 1, at })
      return at
    },
    done: (id) => void failing.delete(id),
    has: (id) => failing.has(id),
    due() {
      const { now } = times()
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
