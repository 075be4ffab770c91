import type { Clock } from '@gatewright/core'

/** A clock for sending: pauses pass at once, and deadlines when the test says so. */
export interface QuickClock extends Clock {
  /** The pauses that were made, in milliseconds. */
  readonly pauses: readonly number[]
  /** Lets every deadline that is running pass. @returns how many there were */
  expire(): number
}

/** The `timeout` to use with it: what is set for so long is a deadline. */
export const DEADLINE_MS = 15_000

export function quickClock(now: () => number = Date.now): QuickClock {
  const pauses: number[] = []
  const deadlines = new Set<() => void>()
  return {
    pauses,
    now,
    setTimer(ms, fire) {
      if (ms === DEADLINE_MS) {
        deadlines.add(fire)
        return { cancel: () => void deadlines.delete(fire) }
      }
      pauses.push(ms)
      const timer = setImmediate(fire)
      return { cancel: () => clearImmediate(timer) }
    },
    expire() {
      const due = [...deadlines]
      deadlines.clear()
      for (const fire of due) fire()
      return due.length
    },
  }
}
