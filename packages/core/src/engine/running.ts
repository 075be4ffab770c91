import type { Awaitable } from '../contracts/awaitable'
import { onceSettled } from '../values/is-promise'

/** The calls that run in this process, by request or call id. */
export interface Running {
  /** Another call of this id runs, or tries to: calls under one key share a request, and one of them will run it. */
  add(id: string): void
  /** One of them has ended. The id counts as running until all have. */
  delete(id: string): void
  has(id: string): boolean
  /** Resolves once none runs. */
  whenIdle(): Promise<void>
}

/** Makes an empty set of running calls. */
export function createRunning(): Running {
  const calls = new Map<string, number>()
  let idle: (() => void)[] = []
  return {
    add: (id) => void calls.set(id, (calls.get(id) ?? 0) + 1),
    has: (id) => calls.has(id),
    delete(id) {
      const left = (calls.get(id) ?? 1) - 1
      if (left > 0) calls.set(id, left)
      else calls.delete(id)
      if (calls.size > 0 || idle.length === 0) return
      const listeners = idle
      idle = []
      for (const listener of listeners) listener()
    },
    whenIdle: () => (calls.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}

/**
 * Asks the store for an execution. Who asks counts as running from before: when the answer is lost, the execution may be
 * taken, now or even later, and nothing runs: the sweep closes what this process holds and does not run (`cut-off.ts`).
 */
export function takeRun<T>(
  running: Running,
  id: string,
  ask: () => Awaitable<T>,
  isTaken: (answer: T) => boolean,
): Awaitable<T> {
  running.add(id)
  const answered = (answer: T): T => {
    if (!isTaken(answer)) running.delete(id)
    return answer
  }
  const failed = (error: unknown): never => {
    running.delete(id)
    throw error
  }
  return onceSettled(ask, answered, failed)
}
