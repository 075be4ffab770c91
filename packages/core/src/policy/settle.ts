import type { Clock } from '../contracts/clock'

/** What became of one piece of work by its deadline. */
export type Settled<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'late' }

const LATE: Settled<never> = Object.freeze({ status: 'late' })

/**
 * Waits for all of the work, at most `ms` milliseconds by the clock, and no longer than `signal` allows. Resolves with one
 * entry each, in order; never rejects for the work's sake. What settles after the deadline is ignored, and its rejection
 * is not left unhandled.
 */
export function settleWithin<T>(
  work: readonly PromiseLike<T>[],
  {
    clock,
    timeoutMs,
    signal,
  }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<readonly Settled<T>[]> {
  return new Promise((resolve) => {
    const settled: Settled<T>[] = work.map(() => LATE)
    let left = work.length
    const finish = () => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve([...settled])
    }
    const timer = clock.setTimer(timeoutMs, finish)
    const settle = (index: number, outcome: Settled<T>) => {
      settled[index] = outcome
      left -= 1
      if (left === 0) finish()
    }
    work.forEach((one, index) => {
      // Promise.resolve: a foreign `then` may throw, or call back twice.
      Promise.resolve(one).then(
        (value) => settle(index, { status: 'done', value }),
        (error: unknown) => settle(index, { status: 'failed', error }),
      )
    })
    if (left === 0 || signal?.aborted) finish()
    else signal?.addEventListener('abort', finish)
  })
}

/** An error's kind, for a text that people and logs see: never its message, which may repeat arguments (section 10). */
export function errorName(error: unknown): string {
  try {
    const name = error instanceof Error ? error.name : typeof error
    return /^[A-Za-z][A-Za-z0-9]{0,59}$/.test(name) ? name : 'Error'
  } catch {
    return 'Error'
  }
}
