import type { Clock } from '@gatewright/core'

/** How often, and with which pauses, a message is tried. */
export interface RetryPlan {
  readonly attempts: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

/**
 * The pause after so many failed attempts: doubling, of which one half is chance, so that senders who failed together do not
 * come back together. What the receiver asked for is waited for, up to the longest pause: it cannot stop us for a year.
 *
 * @param retryAfterMs - what the receiver asked for; `null` when it did not
 */
export function pauseMs(
  plan: RetryPlan,
  failed: number,
  retryAfterMs: number | null,
  random: number,
): number {
  const doubled = Math.min(plan.longestPauseMs, plan.firstPauseMs * 2 ** (failed - 1))
  const own = Math.round(doubled / 2 + (doubled / 2) * random)
  return Math.min(plan.longestPauseMs, Math.max(own, retryAfterMs ?? 0))
}

/** What `Retry-After` asks for, in milliseconds: seconds or an HTTP date; `null` for anything else. */
export function parseRetryAfter(value: unknown, now: number): number | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  // Date.parse takes much more than HTTP's dates, which all end so.
  const at = / GMT$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

/** Resolves after a time, or at once when the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.setTimer(ms, end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
