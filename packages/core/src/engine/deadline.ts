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
    // Work that hangs keeps the process alive until its deadline; none does once all is settled.
    if (this.watch.unsettled === 0) this.watch.timer?.keepAlive?.(false)
  }
}

/** Work of one length, in order of its deadlines. One timer serves all of it: setting one for each costs more than most work. */
interface Watch {
  readonly queue: Watched[]
  first: number
  unsettled: number
  timer: Timer | null
}

const watches = new WeakMap<Clock, Map<number, Watch>>()
const COMPACT_AT = 1_024

function watch(clock: Clock, ms: number, expire: () => void): Watched {
  let ofClock = watches.get(clock)
  if (ofClock === undefined) {
    ofClock = new Map()
    watches.set(clock, ofClock)
  }
  let one = ofClock.get(ms)
  if (one === undefined) {
    one = { queue: [], first: 0, unsettled: 0, timer: null }
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
  arm(clock, ms, one)
}
