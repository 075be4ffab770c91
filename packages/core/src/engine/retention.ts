import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import { inTime } from '../values/deadline'
import { isPromise } from '../values/is-promise'
import type { Engine } from './engine'
import { TERMINAL } from './lifecycle'
import { pagesOf } from './pages'
import { storeCall } from './store-call'

/** How long finished requests are kept, checked. */
export interface Retention {
  readonly afterMs: number
  readonly everyMs: number
  readonly archive: ((request: ApprovalRequest) => unknown) | null
}

const BATCH = 100
const ENDED: readonly RequestStatus[] = [...TERMINAL]

/**
 * Deletes requests that ended long enough ago, oldest pages last, once they were archived; the tombstones of their keys
 * stay (I3), and so does the log. Of all processes that share a store, one does it in each period. What no log has
 * acknowledged yet, or is unknown, is kept.
 */
export async function retainRequests(engine: Engine): Promise<void> {
  const { retention } = engine.settings
  if (retention === null) return
  const turn = await storeCall(() => engine.store.counters.hit('retention', 1, retention.everyMs))
  if (!turn.allowed) return
  const before = engine.store.now() - retention.afterMs
  for await (const requests of pagesOf(engine.store, { status: ENDED, createdBefore: before }, BATCH)) {
    const past = requests.filter((request) => endedAt(request) <= before)
    // What is told to an archive is told before anything is gone; it may be told again.
    if (retention.archive !== null)
      for (const request of past) await archive(engine, retention.archive, request)
    await Promise.all(past.map(({ id }) => storeCall(() => engine.store.forget(id))))
    if (engine.state.status === 'closed') return
  }
}

/** I8: an archive that never answers must not keep the sweep, which time and callers rely on. */
async function archive(
  engine: Engine,
  tell: NonNullable<Retention['archive']>,
  request: ApprovalRequest,
): Promise<void> {
  const telling = tell(request)
  if (isPromise(telling)) await inTime(engine, telling, 'the archive of "retention"')
}

/** When nothing was to happen to a request any more. */
function endedAt({ lateOutcome, outcome, reconciliation, resolution, ...request }: ApprovalRequest): number {
  const told = [lateOutcome?.at, outcome?.at, reconciliation?.at, resolution?.at].filter(
    (at) => at !== undefined,
  )
  return told.length > 0 ? Math.max(...told) : Math.max(request.expiresAt, request.useBefore ?? 0)
}
