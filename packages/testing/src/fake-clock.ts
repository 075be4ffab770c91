import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Clock, type Duration, OptionError, parseDuration, type Timer } from '@gatewright/core'
import { checkKnown } from './known-options'

/** What a fake clock starts with. */
export interface FakeClockOptions {
  /** Milliseconds since the epoch. @default Date.UTC(2026, 0, 1) */
  readonly now?: number
}

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass. Timers fire in the order of their times (those of one time in the order they were set), each at its
   * own time, and everything that a timer set going settles before the next one fires. A timer that is set meanwhile, and
   * comes due within the stretch, fires within it. Overlapping calls follow one another.
   *
   * Rejects with what a timer threw; time then stands at that timer.
   *
   * @throws OptionError `ERR_OPTION_INVALID` for something that is not a duration
   */
  advance(by: Duration): Promise<void>
  /**
   * Sets the wall clock, forwards or back, the way an operator or NTP does: nothing fires, and timers keep the delay they
   * have left (T49). To let time pass, use `advance`.
   *
   * @throws OptionError `ERR_OPTION_INVALID` unless `ms` is a finite number
   */
  setNow(ms: number): void
  /** How many timers were set and have neither fired nor been cancelled. */
  readonly pendingTimers: number
  /**
   * Resolves once promises, `process.nextTick`, short chains of `setImmediate` and file operations have run dry; time does
   * not pass. What waits for a socket, a child process or a real timer is not waited for: await that by itself.
   */
  settle(): Promise<void>
}

interface PendingTimer {
  /** On the clock's own scale, which `setNow` does not move. */
  readonly at: number
  readonly fire: () => void
}

/** Turns of the event loop in a row without file work, after which everything counts as settled. */
const QUIET_TURNS = 6
/** How Node names file operations on their way, and files being closed. */
const FILE_WORK = /^(FSReq|CloseReq)/
/** Real milliseconds after which file work counts as stuck (a pipe nobody writes to) and is waited for no longer. */
const STUCK_MS = 5_000

/**
 * A clock for tests: deterministic, and as quick as the machine, however many hours pass.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 * @example
 * ```ts
 * import { fakeClock } from '@gatewright/testing'
 *
 * const clock = fakeClock()
 * clock.setTimer(60_000, () => console.log('a minute later'))
 * await clock.advance('1m')
 * ```
 */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  checkKnown(options, ['now'], 'fakeClock')
  let wall = finite(options.now ?? Date.UTC(2026, 0, 1), 'fakeClock.now')
  let elapsed = 0
  /** The next to fire is the last. */
  const timers: PendingTimer[] = []
  let lastAdvance: Promise<void> = Promise.resolve()

  function setTimer(ms: number, fire: () => void): Timer {
    if (typeof ms !== 'number' || Number.isNaN(ms))
      throw new OptionError('setTimer.ms', 'must be a number of milliseconds')
    const timer: PendingTimer = { at: elapsed + Math.max(0, ms), fire }
    timers.splice(placeOf(timer.at), 0, timer)
    return { cancel: () => remove(timer) }
  }

  /** Before every timer that fires no later: those were set earlier, so they go first. */
  function placeOf(at: number): number {
    let low = 0
    let high = timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((timers[middle]?.at ?? 0) > at) low = middle + 1
      else high = middle
    }
    return low
  }

  function remove(timer: PendingTimer): void {
    const index = timers.indexOf(timer)
    if (index >= 0) timers.splice(index, 1)
  }

  async function pass(ms: number): Promise<void> {
    const end = elapsed + ms
    await settle()
    for (let next = timers.at(-1); next !== undefined && next.at <= end; next = timers.at(-1)) {
      timers.pop()
      moveTo(next.at)
      next.fire()
      await settle()
    }
    moveTo(end)
  }

  function moveTo(at: number): void {
    wall += at - elapsed
    elapsed = at
  }

  return {
    now: () => wall,
    setTimer,
    advance(by) {
      const ms = parseDuration(by, 'advance.by')
      const passing = lastAdvance.then(() => pass(ms))
      lastAdvance = passing.catch(() => {})
      return passing
    },
    setNow(ms) {
      wall = finite(ms, 'setNow.ms')
    },
    get pendingTimers() {
      return timers.length
    },
    settle,
  }
}

/** A quiet turn ends the wait only after others like it: work may hop from one `setImmediate` to the next. */
async function settle(): Promise<void> {
  const started = performance.now()
  for (let quiet = 0; quiet < QUIET_TURNS; ) {
    await nextTurn()
    quiet = fileWorkIsUnderWay() && performance.now() - started < STUCK_MS ? 0 : quiet + 1
  }
}

/** Turns of the event loop alone would outrun a disk: an fsync can take longer than thousands of them. */
function fileWorkIsUnderWay(): boolean {
  return process.getActiveResourcesInfo().some((resource) => FILE_WORK.test(resource))
}

function finite(ms: number, option: string): number {
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms
  throw new OptionError(option, 'must be milliseconds since the epoch')
}
