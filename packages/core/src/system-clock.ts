import type { Clock, Timer } from './contracts/clock'

/** The longest delay that `setTimeout` takes; it fires at once for more. */
const LONGEST_MS = 2_147_483_647

/**
 * The computer's clock. Timers of any length; a background timer does not keep the process alive.
 */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimer(ms: number, fire: () => void, options: { readonly background?: boolean } = {}): Timer {
    return startTimer(ms, fire, options.background !== true)
  },
})

function startTimer(ms: number, fire: () => void, keepsAlive: boolean): Timer {
  let left = Math.max(0, ms)
  let alive = keepsAlive
  let cancelled = false
  let handle = arm()

  function arm(): NodeJS.Timeout {
    const step = Math.min(left, LONGEST_MS)
    left -= step
    const timeout = setTimeout(next, Math.ceil(step))
    if (!alive) timeout.unref()
    return timeout
  }

  function next(): void {
    if (cancelled) return
    if (left > 0) handle = arm()
    else fire()
  }

  return {
    cancel() {
      cancelled = true
      clearTimeout(handle)
    },
    keepAlive(value) {
      alive = value
      if (value) handle.ref()
      else handle.unref()
    },
  }
}
