import type { Clock } from '@gatewright/core'

/** The server's time, known here without asking. */
export interface DatabaseClock {
  now(): number
  /** The time of a test's clock, which statements judge by in place of the server's. */
  readonly given: () => number | null
  /** Takes a reading: the server said `serverMs` between two instants of `performance.now()`. */
  reading(serverMs: number, before: number, after: number): void
  /** Whether the last reading is old. */
  stale(): boolean
}

const STALE_MS = 30_000
/** Further back than that is a clock that was set, not an inexact reading. */
const STEP_MS = 1_000

/**
 * Follows the server's clock by readings; between them time passes by this computer's monotonic clock, so that nobody who
 * sets its wall clock moves the store's time (T49). Before the first reading it is this computer's time.
 */
export function createDatabaseClock(clock: Clock | null): DatabaseClock {
  let offset: number | null = null
  let readAt = 0
  let last = Number.NEGATIVE_INFINITY

  function now(): number {
    if (offset === null) return Date.now()
    const known = Math.floor(performance.now() + offset)
    last = known < last && known > last - STEP_MS ? last : known
    return last
  }

  return {
    now: clock === null ? now : () => clock.now(),
    given: clock === null ? () => null : () => clock.now(),
    reading(serverMs, before, after) {
      offset = serverMs - (before + after) / 2
      readAt = after
    },
    stale: () => clock === null && (offset === null || performance.now() - readAt > STALE_MS),
  }
}
