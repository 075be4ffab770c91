import type { Clock } from '../contracts/clock'

/** Thrown inside Gatewright when something took longer than it may; callers turn it into their own error. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** Whether a value must be awaited. Lets hot paths stay synchronous. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * Settles as `work` does, or rejects with a {@link DeadlineError} once `ms` have passed by the clock. The work itself
 * cannot be stopped; `onTimeout` may ask it to.
 */
export function withDeadline<T>(clock: Clock, ms: number, work: PromiseLike<T>, what: string, onTimeout?: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimer(ms, () => {
      reject(new DeadlineError(`${what} took longer than ${ms} ms`))
      onTimeout?.()
    })
    work.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
