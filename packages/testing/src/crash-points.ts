import { OptionError } from '@gatewright/core'

/** Where a simulated process may die. */
export interface CrashPoints {
  /** Passed at each named instant. In a process that is dead, or dies here, it never settles. */
  point(name: string): Promise<void>
}

/** A process that can be told where to die. */
export interface CrashablePoints extends CrashPoints {
  /**
   * The process dies when it passes `name` for the `occurrence`-th time from now.
   *
   * @param occurrence - @default 1
   * @throws OptionError `ERR_OPTION_INVALID` unless it is a whole number, 1 or more
   */
  crashAt(name: string, occurrence?: number): void
  /** The process dies now: nothing that waits at a point, or comes to one, goes on. */
  crash(): void
  readonly crashed: boolean
  /** The names of all points that were come to, in order: what there is to crash at. */
  readonly passed: readonly string[]
}

/**
 * Points for one process, which lives until it is told otherwise. What stands at a point when the process dies never goes
 * on, and neither does what comes to one later: from outside, it is a process that was killed.
 *
 * @example
 * ```ts
 * import { crashPoints, memoryDisk, serialisingStore } from '@gatewright/testing'
 * import { systemClock } from '@gatewright/core'
 *
 * const crash = crashPoints()
 * const store = serialisingStore({ clock: systemClock, disk: memoryDisk(), crash })
 * crash.crashAt('store.create.after')
 * console.log(store.now())
 * ```
 */
export function crashPoints(): CrashablePoints {
  const passed: string[] = []
  const fatal = new Map<string, number>()
  let crashed = false

  function come(name: string): void {
    passed.push(name)
    const left = fatal.get(name)
    if (left === undefined) return
    if (left === 1) crashed = true
    else fatal.set(name, left - 1)
  }

  return {
    point(name) {
      if (crashed) return never()
      come(name)
      // Looked at again in the next microtask: meanwhile something else in the process may have killed it.
      return crashed ? never() : Promise.resolve().then(() => (crashed ? never() : undefined))
    },
    crashAt(name, occurrence = 1) {
      if (!Number.isSafeInteger(occurrence) || occurrence < 1) {
        throw new OptionError('crashAt.occurrence', 'must be a whole number, 1 or more')
      }
      fatal.set(name, occurrence)
    },
    crash() {
      crashed = true
    },
    get crashed() {
      return crashed
    },
    passed,
  }
}

function never(): Promise<void> {
  return new Promise(() => {})
}
