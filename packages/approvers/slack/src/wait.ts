import type { Clock } from '@gatewright/core'

/**
 * Calls `listener` with the reason once one of the signals is aborted, at once if one is already. By hand, because what
 * `AbortSignal.any` makes of a signal that lives as long as the program is never quite forgotten.
 *
 * @returns ends listening
 */
export function onAbort(signals: readonly AbortSignal[], listener: (reason: unknown) => void): () => void {
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) {
    listener(aborted.reason)
    return () => {}
  }
  const listeners = signals.map((signal) => {
    const heard = (): void => {
      unlisten()
      listener(signal.reason)
    }
    signal.addEventListener('abort', heard, { once: true })
    return () => signal.removeEventListener('abort', heard)
  })
  const unlisten = (): void => {
    for (const one of listeners) one()
  }
  return unlisten
}

/** Resolves after so long by the gate's clock; rejects with the reason when a signal is aborted first. */
export function wait(clock: Clock, ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(
      ms,
      () => {
        unlisten()
        resolve()
      },
      { background: true },
    )
    const unlisten = onAbort(signals, (reason) => {
      timer.cancel()
      reject(reason)
    })
  })
}

/** What `work` comes to, unless a signal is aborted first: then its reason, while the work goes on unheard. */
export function unlessAborted<T>(work: Promise<T>, ...signals: readonly AbortSignal[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = onAbort(signals, reject)
    work.then(resolve, reject).finally(unlisten)
  })
}

/** What `work` comes to within so long by the gate's clock; else it rejects. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController()
  const late = wait(clock, ms, done.signal, signal).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
