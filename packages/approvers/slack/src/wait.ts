import type { Clock } from '@gatewright/core'

/** Resolves after so long by the gate's clock; rejects with the signal's reason when it is aborted first. */
export function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      timer.cancel()
      reject(signal.reason)
    }
    const timer = clock.setTimer(
      ms,
      () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
      { background: true },
    )
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** What `work` comes to, unless the signal is aborted first: then its reason, while the work goes on unheard. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** What `work` comes to within so long by the gate's clock; else it rejects. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController()
  const late = wait(clock, ms, AbortSignal.any([done.signal, signal])).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
