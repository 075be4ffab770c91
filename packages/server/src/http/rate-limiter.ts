/** Counts requests of somebody in a sliding window, in this process. */
export interface RateLimiter {
  /** 0: go ahead, and it counts. Else how long to wait, in milliseconds: after that, one goes ahead. */
  hit(who: string): number
}

const MOST_NAMES = 10_000

interface Count {
  readonly window: number
  /** In the window before. */
  readonly before: number
  current: number
}

/** @param now - milliseconds since the epoch */
export function createRateLimiter(max: number, perMs: number, now: () => number): RateLimiter {
  // Two windows weighed by time: what somebody did in the last one counts less and less.
  const counts = new Map<string, Count>()

  /** Until as much is forgotten as one more needs: of the window before, or in the next window of this one. */
  function waitMs({ before, current }: Count, elapsed: number): number {
    const nextWindow = current < max ? 0 : perMs
    const [forgetting, kept] = current < max ? [before, current] : [current, 0]
    return nextWindow + perMs - Math.floor(((max - 1 - kept) * perMs) / forgetting) - elapsed
  }

  return {
    hit(who) {
      const at = now()
      const window = Math.floor(at / perMs)
      const seen = counts.get(who)
      const count: Count =
        seen === undefined || window - seen.window > 1
          ? { window, before: 0, current: 0 }
          : window === seen.window
            ? seen
            : { window, before: seen.current, current: 0 }
      const elapsed = at % perMs
      // Whole numbers alone, so that the time that is told is exactly when one goes ahead.
      if (count.before * (perMs - elapsed) > (max - 1 - count.current) * perMs) return waitMs(count, elapsed)
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
