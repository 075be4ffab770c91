import type { Clock } from '../../contracts/clock'

/** A clock that moves by hand: no timer fires unless time was moved past it. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  /** Timers that are set and not cancelled. */
  readonly pending: number
}

export function manualClock(start = 1_000_000): ManualClock {
  let now = start
  const timers = new Map<object, { readonly at: number; readonly fire: () => void }>()
  return {
    now: () => now,
    setTimer(ms, fire) {
      const timer = { cancel: () => void timers.delete(timer) }
      timers.set(timer, { at: now + ms, fire })
      return timer
    },
    advance(ms) {
      now += ms
      for (const [timer, { at, fire }] of [...timers]) {
        if (at > now || !timers.delete(timer)) continue
        fire()
      }
    },
    get pending() {
      return timers.size
    },
  }
}
