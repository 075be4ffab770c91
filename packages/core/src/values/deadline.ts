import type { Awaitable } from '../contracts/awaitable'
import type { Clock, Timer } from '../contracts/clock'
import { isPromise } from './is-promise'

/** Thrown inside Gatewright when something took longer than it may; callers turn it into their own error. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/**
 * Settles as `work` does, or rejects with a {@link DeadlineError} once `ms` have passed by the clock. The work itself
 * cannot be stopped; `onTimeout` may ask it to.
 */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: PromiseLike<T>,
  what: string,
  onTimeout?: () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = watch(clock, ms, () => {
      reject(new DeadlineError(`${what} took longer than ${ms} ms`))
      onTimeout?.()
    })
    work.then(
      (value) => {
        settle()
        resolve(value)
      },
      (error: unknown) => {
        settle()
        reject(error)
      },
    )
  })
}

/**
 * The same with the time that a gate gives whatever it asks outside: `timeouts.lookup`. What is answered at once is passed
 * on at once.
 */
export function inTime<T>(
  { clock, settings }: { readonly clock: Clock; readonly settings: { readonly lookupTimeoutMs: number } },
  work: Awaitable<T>,
  what: string,
  onTimeout?: () => void,
): Awaitable<T> {
  return isPromise(work) ? withDeadline(clock, settings.lookupTimeoutMs, work, what, onTimeout) : work
}

/** One piece of work with a deadline. */
interface Watched {
  readonly at: number
  readonly expire: () => void
}

/** Work of one length. One timer serves all of it: setting one for each costs more than most work. */
interface Watch {
  readonly clock: Clock
  readonly ms: number
  /** What has not settled, in order of its deadlines. */
  readonly work: Set<Watched>
  timer: Timer | null
}

const watches = new WeakMap<Clock, Map<number, Watch>>()
/** How many gates use a clock. While one does, a timer that nothing needs just now is kept for what comes next. */
const users = new WeakMap<Clock, number>()

/**
 * Says that a gate sets deadlines by this clock. Answers with a function, to be called once, that ends what timers no work
 * needs: after it, and with no other gate at the clock, each timer ends with the last of its work.
 */
export function useDeadlines(clock: Clock): () => void {
  users.set(clock, (users.get(clock) ?? 0) + 1)
  return () => {
    const left = (users.get(clock) ?? 1) - 1
    if (left > 0) users.set(clock, left)
    else users.delete(clock)
    for (const one of watches.get(clock)?.values() ?? []) if (one.work.size === 0) disarm(one)
  }
}

function disarm(one: Watch): void {
  one.timer?.cancel()
  one.timer = null
}

/** Answers with a function that says that the work has settled. */
function watch(clock: Clock, ms: number, expire: () => void): () => void {
  const ofClock = watches.get(clock) ?? new Map<number, Watch>()
  watches.set(clock, ofClock)
  const one = ofClock.get(ms) ?? { clock, ms, work: new Set(), timer: null }
  ofClock.set(ms, one)
  const watched: Watched = { at: clock.now() + ms, expire }
  one.work.add(watched)
  if (one.timer === null) arm(one)
  else if (one.work.size === 1) one.timer.keepAlive?.(true)
  return () => settle(one, watched)
}

function settle(one: Watch, watched: Watched): void {
  if (!one.work.delete(watched) || one.work.size > 0) return
  // Work that hangs keeps the process alive until its deadline; none does once all is settled.
  if (users.has(one.clock)) one.timer?.keepAlive?.(false)
  else disarm(one)
}

function arm(one: Watch): void {
  const [next] = one.work
  if (next === undefined) return
  // A clock that jumped back must not make anybody wait longer than was said.
  const delay = Math.min(one.ms, Math.max(0, next.at - one.clock.now()))
  one.timer = one.clock.setTimer(delay, () => expireDue(one))
}

function expireDue(one: Watch): void {
  one.timer = null
  const now = one.clock.now()
  for (const watched of one.work) {
    if (watched.at > now) break
    settle(one, watched)
    watched.expire()
  }
  // Whoever was told may have set the next one already.
  if (one.timer === null) arm(one)
}
