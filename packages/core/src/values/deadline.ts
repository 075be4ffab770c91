import type { Clock, Timer } from '../contracts/clock'

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
    const watched = watch(clock, ms, () => {
      reject(new DeadlineError(`${what} took longer than ${ms} ms`))
      onTimeout?.()
    })
    work.then(
      (value) => {
        watched.settle()
        resolve(value)
      },
      (error: unknown) => {
        watched.settle()
        reject(error)
      },
    )
  })
}

/** The same with the time that a gate gives whatever it asks outside: `timeouts.lookup`. */
export function inTime<T>(
  { clock, settings }: { readonly clock: Clock; readonly settings: { readonly lookupTimeoutMs: number } },
  work: PromiseLike<T>,
  what: string,
): Promise<T> {
  return withDeadline(clock, settings.lookupTimeoutMs, work, what)
}

/** One piece of work with a deadline. */
class Watched {
  /** `null` once the work has settled, or is late. */
  expire: (() => void) | null

  constructor(
    readonly watch: Watch,
    readonly at: number,
    expire: () => void,
  ) {
    this.expire = expire
  }

  settle(): void {
    if (this.expire === null) return
    this.expire = null
    this.watch.unsettled -= 1
    if (this.watch.unsettled > 0) return
    // Work that hangs keeps the process alive until its deadline; none does once all is settled.
    if (users.has(this.watch.clock)) this.watch.timer?.keepAlive?.(false)
    else disarm(this.watch)
  }
}

/** Work of one length, in order of its deadlines. One timer serves all of it: setting one for each costs more than most work. */
interface Watch {
  readonly clock: Clock
  readonly queue: Watched[]
  first: number
  unsettled: number
  timer: Timer | null
}

const watches = new WeakMap<Clock, Map<number, Watch>>()
/** How many gates use a clock. While one does, a timer that nothing needs just now is kept for what comes next. */
const users = new WeakMap<Clock, number>()
const COMPACT_AT = 1_024

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
    for (const one of watches.get(clock)?.values() ?? []) if (one.unsettled === 0) disarm(one)
  }
}

function disarm(one: Watch): void {
  one.timer?.cancel()
  one.timer = null
  dropSettled(one)
}

function watch(clock: Clock, ms: number, expire: () => void): Watched {
  let ofClock = watches.get(clock)
  if (ofClock === undefined) {
    ofClock = new Map()
    watches.set(clock, ofClock)
  }
  let one = ofClock.get(ms)
  if (one === undefined) {
    one = { clock, queue: [], first: 0, unsettled: 0, timer: null }
    ofClock.set(ms, one)
  }
  const watched = new Watched(one, clock.now() + ms, expire)
  dropSettled(one)
  one.queue.push(watched)
  one.unsettled += 1
  if (one.timer === null) arm(clock, ms, one)
  else if (one.unsettled === 1) one.timer.keepAlive?.(true)
  return watched
}

function dropSettled(one: Watch): void {
  while (one.first < one.queue.length && one.queue[one.first]?.expire === null) one.first += 1
  if (one.first === one.queue.length) {
    one.queue.length = 0
    one.first = 0
  } else if (one.first > COMPACT_AT) {
    one.queue.splice(0, one.first)
    one.first = 0
  }
}

function arm(clock: Clock, ms: number, one: Watch): void {
  const next = one.queue[one.first]
  if (next === undefined) return
  // A clock that jumped back must not make anybody wait longer than was said.
  const delay = Math.min(ms, Math.max(0, next.at - clock.now()))
  one.timer = clock.setTimer(delay, () => expireDue(clock, ms, one))
}

function expireDue(clock: Clock, ms: number, one: Watch): void {
  one.timer = null
  const now = clock.now()
  dropSettled(one)
  while (one.first < one.queue.length) {
    const head = one.queue[one.first]
    if (head === undefined || head.at > now) break
    one.first += 1
    const { expire } = head
    head.settle()
    expire?.()
    dropSettled(one)
  }
  // Whoever was told may have set the next one already.
  if (one.timer === null) arm(clock, ms, one)
}
