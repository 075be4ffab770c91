import type { ApprovalStore, Mark } from '../contracts/store'
import { freezeJson } from './freeze'
import type { Open } from './open'

interface Window {
  readonly from: number
  readonly until: number
  hits: number
}

/** Rate limits and marks. Neither outlives its time for long. */
export interface Counters {
  readonly rows: ApprovalStore['counters']
  /** Sets a mark as part of a move. */
  set(mark: Mark): void
}

/** How many writes go by between two purges of what is over. */
const PURGE_EVERY = 1_000

const ALLOWED = Object.freeze({ allowed: true, retryAfterMs: 0 })

/** Makes empty counters. A window opens with its first hit. */
export function createCounters(open: Open): Counters {
  const windows = new Map<string, Window>()
  const marks = new Map<string, Mark>()
  let writes = 0

  function purgeAtTimes(): void {
    writes += 1
    if (writes % PURGE_EVERY !== 0) return
    const now = open()
    for (const [key, { until }] of windows) if (now >= until) windows.delete(key)
    for (const [key, { until }] of marks) if (now >= until) marks.delete(key)
  }

  return {
    set(mark) {
      purgeAtTimes()
      marks.set(mark.key, freezeJson(mark))
    },
    rows: {
      hit(key, limit, windowMs) {
        const now = open()
        const window = windows.get(key)
        // T49: a clock that jumped back ends the window too, or nobody would get through until it caught up.
        if (window === undefined || now >= window.until || now < window.from) {
          purgeAtTimes()
          windows.set(key, { from: now, until: now + windowMs, hits: 1 })
          return limit >= 1 ? ALLOWED : { allowed: false, retryAfterMs: windowMs }
        }
        if (window.hits >= limit) return { allowed: false, retryAfterMs: window.until - now }
        window.hits += 1
        return ALLOWED
      },
      mark(key) {
        const now = open()
        const mark = marks.get(key)
        return mark !== undefined && now < mark.until ? mark : null
      },
    },
  }
}
