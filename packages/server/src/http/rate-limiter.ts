/** Counts requests of somebody in a sliding window, in this process. */
export interface RateLimiter {
  /** How long to wait, in milliseconds; 0: go ahead, and it counts. */
  hit(who: string): number
}

const MOST_NAMES = 10_000

/** @param now - milliseconds since the epoch */
export function createRateLimiter(max: number, perMs: number, now: () => number): RateLimiter {
  // Two windows weighed by time: what somebody did in the last one counts less and less.
  const counts = new Map<string, { window: number; before: number; current: number }>()
  return {
    hit(who) {
      const at = now()
      const window = Math.floor(at / perMs)
      const seen = counts.get(who)
      const count =
        seen === undefined || window - seen.window > 1
          ? { window, before: 0, current: 0 }
          : window === seen.window
            ? seen
            : { window, before: seen.current, current: 0 }
      const passed = (at % perMs) / perMs
      if (count.before * (1 - passed) + count.current + 1 > max) return Math.ceil(perMs * (1 - passed))
      count.current += 1
      counts.delete(who)
      counts.set(who, count)
      // Names that nobody used for longest go first: memory stays bounded whoever comes.
      if (counts.size > MOST_NAMES) {
        const [oldest] = counts.keys()
        if (oldest !== undefined) counts.delete(oldest)
      }
      return 0
    },
  }
}
