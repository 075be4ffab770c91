import type { Awaitable } from '../contracts/awaitable'

/** Whether a value must be awaited. Lets hot paths stay synchronous. */
export function isPromise<T>(value: Awaitable<T> | PromiseLike<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/**
 * Goes on with what work comes to, or with why it fails, thrown or rejected: at once when that is known, else when it comes.
 * Hot paths make two dozen of these calls, and each promise counts.
 */
export function onceSettled<T, U>(
  work: () => Awaitable<T>,
  done: (value: T) => U,
  failed: (cause: unknown) => U,
): Awaitable<U> {
  let working: Awaitable<T>
  try {
    working = work()
  } catch (cause) {
    return failed(cause)
  }
  return isPromise(working) ? working.then(done, failed) : done(working)
}

/** What work comes to or, where it fails, what `failed` makes of that: at once when it is known, else when it comes. */
export function orElse<T, U>(work: () => Awaitable<T>, failed: (cause: unknown) => U): Awaitable<T | U> {
  return onceSettled<T, T | U>(work, (value) => value, failed)
}

/** Goes on with a value: at once when it is there, else when it comes. What `next` throws is thrown, or rejects. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value)
}
