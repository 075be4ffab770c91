import type { Logger } from '../contracts/logger'
import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import type { ApprovalStore } from '../contracts/store'
import { isPromise } from '../values/is-promise'
import { requestGone } from './outcome-error'

interface Waiter {
  readonly from: RequestStatus
  readonly resolve: (request: ApprovalRequest) => void
  readonly reject: (error: unknown) => void
}

/** Promises that wait for requests to move on. They follow the store, and nothing else (T42). */
export interface Waiters {
  /** Resolves with the stored request once its status is another than `from`. An unreachable store only delays it; closing the gate rejects it. */
  until(id: string, from: RequestStatus): Promise<ApprovalRequest>
  /** The feed says these may have changed. */
  hint(ids: readonly string[]): void
  /** Reads all that is waited for, since the feed may lose hints. */
  readAll(): Promise<void>
  /** Rejects whatever waits. The requests stay as they are. */
  abandon(error: unknown): void
  readonly size: number
}

const PAGE = 1_000
/** Runs what follows it in the next microtask: on Node 20 at a fraction of what `queueMicrotask` costs. */
const SOON = Promise.resolve()

/** Makes the waiters of one gate. `onCount` hears when somebody starts to wait, or the last one stops. */
export function createWaiters(
  store: ApprovalStore,
  logger: Logger,
  onCount: (size: number) => void,
): Waiters {
  const waiting = new Map<string, Waiter | Waiter[]>()
  let hinted: Set<string> | null = null
  let count = 0
  let abandoned: { readonly error: unknown } | null = null

  /** Tells those who need not wait any more: all that wait for another status than this one. */
  function settle(id: string, status: RequestStatus | null, tell: (waiter: Waiter) => void): void {
    const entry = waiting.get(id)
    if (entry === undefined) return
    const waiters = Array.isArray(entry) ? entry : [entry]
    const staying = waiters.filter(({ from }) => from === status)
    if (staying.length === waiters.length) return
    if (staying.length === 0) waiting.delete(id)
    else waiting.set(id, staying)
    count -= waiters.length - staying.length
    for (const waiter of waiters) if (waiter.from !== status) tell(waiter)
    if (count === 0) onCount(0)
  }

  const moved = (request: ApprovalRequest): void =>
    settle(request.id, request.status, (waiter) => waiter.resolve(request))

  async function read(ids: readonly string[]): Promise<void> {
    try {
      const reading = store.getMany(ids)
      const found = isPromise(reading) ? await reading : reading
      found.forEach(moved)
      if (found.length === ids.length) return
      // What retention deleted will never move again.
      for (const id of ids)
        if (!found.some((request) => request.id === id))
          settle(id, null, (waiter) => waiter.reject(requestGone(id)))
    } catch (error) {
      // Fails closed: whoever waits goes on waiting, and the next sweep reads again.
      logger.warn('the store cannot be read; waiting calls go on waiting', { error })
    }
  }

  function hint(ids: readonly string[]): void {
    for (const id of ids) {
      if (!waiting.has(id)) continue
      if (hinted === null) {
        hinted = new Set()
        void SOON.then(readHinted)
      }
      hinted.add(id)
    }
  }

  function readHinted(): void {
    const batch = hinted === null ? [] : [...hinted]
    hinted = null
    void read(batch)
  }

  return {
    hint,
    until(id, from) {
      // A call that was under way when the gate closed must not begin to wait: nobody would ever wake it.
      if (abandoned !== null) return Promise.reject(abandoned.error)
      return new Promise((resolve, reject) => {
        const waiter = { from, resolve, reject }
        const entry = waiting.get(id)
        waiting.set(id, entry === undefined ? waiter : [...(Array.isArray(entry) ? entry : [entry]), waiter])
        count += 1
        if (count === 1) onCount(1)
        // The request may have moved before we began to listen.
        hint([id])
      })
    },
    async readAll() {
      const ids = [...waiting.keys()]
      for (let start = 0; start < ids.length; start += PAGE) await read(ids.slice(start, start + PAGE))
    },
    abandon(error) {
      abandoned = { error }
      const all = [...waiting.values()].flat()
      waiting.clear()
      count = 0
      for (const waiter of all) waiter.reject(error)
      onCount(0)
    },
    get size() {
      return count
    },
  }
}
