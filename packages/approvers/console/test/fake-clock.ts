import type { Clock } from '@gatewright/core'

/** A clock that stands still until told otherwise. */
export interface FakeClock extends Clock {
  /** Fires what is due, in order, letting promises and `setImmediate` settle between. */
  advance(ms: number): Promise<void>
  readonly pending: number
}

/** A clock at `now`. */
export function fakeClock(now: number): FakeClock {
  let time = now
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>()
  return {
    now: () => time,
    setTimer(ms, fire) {
      const timer = { at: time + ms, fire }
      timers.add(timer)
      return { cancel: () => void timers.delete(timer) }
    },
    get pending() {
      return timers.size
    },
    async advance(ms) {
      const end = time + ms
      for (;;) {
        await settle()
        const next = Math.min(...[...timers].map(({ at }) => at))
        if (next > end) break
        time = next
        // As a real event loop does it: all that is due at once, and only then what they led to.
        for (const timer of [...timers].filter(({ at }) => at <= next)) {
          if (timers.delete(timer)) timer.fire()
        }
      }
      time = end
      await settle()
    },
  }
}

/** Lets promise work and immediates run dry. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
