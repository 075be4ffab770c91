import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import { inTime } from '../values/deadline'
import type { Engine } from './engine'
import { endedAt, TERMINAL } from './lifecycle'
import { pagesOf } from './pages'
import { createRetries } from './retries'
import { storeCall } from './store-call'

/** How long finished requests are kept, checked. */
export interface Retention {
  readonly afterMs: number
  readonly everyMs: number
  readonly archive: ((request: ApprovalRequest) => unknown) | null
}

/** Deletes what was kept long enough. */
export interface Retainer {
  /**
   * A round, where one is due. It takes as long as the archive does: nothing waits for it.
   *
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE`
   */
  round(): Promise<void>
}

const BATCH = 100
/** So many fail one after the other: the rest of their page is left for the next period. */
const IN_A_ROW_ON_A_PAGE = 5
/** So many different ones fail one after the other, on several pages: the archive is down. */
const IN_A_ROW = 15
/** The most failures of one round: each may take as long as an archive may. */
const MOST_FAILURES = 100
/** The most that a round tries again. */
const MOST_AGAIN = 50
/** The most that are known to fail; what is beyond that is tried as if it were new. */
const MOST_KNOWN = 10_000

const ENDED: readonly RequestStatus[] = [...TERMINAL]

/** What failed in one round. */
interface Tally {
  inARow: number
  failures: number
}

/**
 * Makes what deletes requests that ended long enough ago, once they were archived; the tombstones of their keys stay (I3),
 * and so does the log. Of all processes that share a store, one does it in each period. What no log has acknowledged yet, or
 * is unknown, is kept.
 *
 * One whose archive fails keeps none of the others: it stays, and is tried again in the next period, after those that have
 * not failed, the oldest first. When several different ones fail one after the other, the archive counts as down, and the
 * rest waits for the next period.
 */
export function createRetainer(engine: () => Engine): Retainer {
  /** What failed and was not deleted since. It waits for no longer than the next period. */
  const failing = createRetries(engine, { most: MOST_KNOWN, firstMs: () => 0, longestMs: 0 })

  const isClosed = (): boolean => engine().state.status === 'closed'
  const isOver = ({ failures, inARow }: Tally): boolean =>
    isClosed() || failures >= MOST_FAILURES || inARow >= IN_A_ROW

  async function deletePast(retention: Retention): Promise<void> {
    const { logger, store } = engine()
    // Those tried longest ago come first: all have their turn, however many fail for ever.
    const again = failing.due().slice(0, MOST_AGAIN)
    const before = store.now() - retention.afterMs
    const tally: Tally = { inARow: 0, failures: 0 }
    await deleteNew(retention, before, tally)
    if (!isOver(tally)) await deleteFailing(retention, before, again)
    if (tally.inARow >= IN_A_ROW)
      logger.error(
        `the archive of "retention" failed for ${tally.inARow} requests one after the other and seems to be down. They are kept, and nothing more is deleted until the next period. See that it answers.`,
      )
    else if (failing.size > 0)
      logger.warn(
        `${failing.size} finished requests could not be archived and deleted. They are kept and tried again; why each failed was logged.`,
      )
  }

  async function deleteNew(retention: Retention, before: number, tally: Tally): Promise<void> {
    const filter = { status: ENDED, createdBefore: before }
    for await (const requests of pagesOf(engine().store, filter, BATCH)) {
      const past = requests.filter((request) => endedAt(request) <= before && !failing.has(request.id))
      await deleteAll(retention, past.reverse(), tally)
      if (isOver(tally)) return
    }
  }

  async function deleteFailing(retention: Retention, before: number, ids: readonly string[]): Promise<void> {
    const found = ids.length === 0 ? [] : await storeCall(() => engine().store.getMany(ids))
    const past = found.filter((request) => endedAt(request) <= before)
    const kept = new Set(past.map(({ id }) => id))
    for (const id of ids) if (!kept.has(id)) failing.done(id)
    past.sort((one, other) => one.createdAt - other.createdAt)
    // Each by itself: that they fail says nothing of the archive.
    for (const request of past) await deleteAll(retention, [request], { inARow: 0, failures: 0 })
  }

  /** Archives and deletes them in turn, until several have failed one after the other. */
  async function deleteAll(
    { archive }: Retention,
    requests: readonly ApprovalRequest[],
    tally: Tally,
  ): Promise<void> {
    const archived: ApprovalRequest[] = []
    let most = tally.inARow + IN_A_ROW_ON_A_PAGE
    for (const request of requests) {
      if (tally.inARow === most || isOver(tally)) break
      try {
        // Told before anything is gone, maybe again. I8: an archive that never answers must not keep the others.
        if (archive !== null) await inTime(engine(), archive(request), 'the archive of "retention"')
        archived.push(request)
        tally.inARow = 0
        most = IN_A_ROW_ON_A_PAGE
      } catch (error) {
        keep(request, 'archived', error)
        tally.failures += 1
        tally.inARow += 1
      }
    }
    await Promise.all(archived.map((request) => forget(request, tally)))
  }

  async function forget(request: ApprovalRequest, tally: Tally): Promise<void> {
    if (isClosed()) return
    try {
      await storeCall(() => engine().store.forget(request.id))
      failing.done(request.id)
    } catch (error) {
      keep(request, 'deleted', error)
      tally.failures += 1
    }
  }

  function keep({ id }: ApprovalRequest, what: 'archived' | 'deleted', error: unknown): void {
    if (isClosed()) return
    failing.failed(id)
    engine().logger.warn(
      `the finished request ${id} could not be ${what}; it is kept and tried again in the next period`,
      { error },
    )
  }

  return {
    async round() {
      const { settings, store } = engine()
      const { retention } = settings
      if (retention === null) return
      const turn = await storeCall(() => store.counters.hit('retention', 1, retention.everyMs))
      if (turn.allowed) await deletePast(retention)
    },
  }
}
