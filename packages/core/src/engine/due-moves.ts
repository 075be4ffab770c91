import type { ApprovalRequest } from '../contracts/request'
import { commit } from './commit'
import { escalationTimes } from './delivery-stages'
import type { Engine } from './engine'
import type { Move } from './lifecycle'
import { createRetries } from './retries'
import { storeCall } from './store-call'

const BATCH = 200
/** So many different ones fail one after the other: then it is the store, and not they. */
const IN_A_ROW = 5
/** The most requests that one sweep looks past: they are due, and do not move. */
const MOST_STUCK = 10_000
const LONGEST_WAIT_MS = 600_000

/**
 * Makes what moves requests by time: reminders, escalation, expiry, lapse. It answers when the next one is due, or `null`.
 *
 * One that fails keeps none of the others from moving. It is logged and tried again with growing waits, after those that
 * have not failed. When several fail one after the other, the rest waits for the next sweep, which begins with the rest.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE` when the store cannot tell what is due
 */
export function createDueMoves(engine: () => Engine): () => Promise<number | null> {
  const retries = createRetries(engine, {
    most: MOST_STUCK,
    firstMs: () => engine().settings.sweepMs,
    longestMs: LONGEST_WAIT_MS,
  })

  /** Tries them in turn. Whether the store may be asked for more. */
  async function moveAll(requests: readonly ApprovalRequest[], stuck: Set<string>): Promise<boolean> {
    let inARow = 0
    for (const request of requests) {
      try {
        if (!(await moveByTime(engine(), request))) stuck.add(request.id)
        retries.done(request.id)
        inARow = 0
      } catch (error) {
        stuck.add(request.id)
        retries.failed(request.id)
        const said = 'a request that is due could not be moved; it is tried again later'
        engine().logger.warn(said, { id: request.id, error })
        inARow += 1
        if (inARow === IN_A_ROW) return false
      }
    }
    return true
  }

  return async () => {
    /** Still due after they were looked at: the store names them again, before all that come after them. */
    const stuck = new Set<string>()
    const ready = new Set(retries.due())
    const again: ApprovalRequest[] = []
    for (;;) {
      const limit = BATCH + stuck.size
      const { requests, nextAt } = await storeCall(() => engine().store.due(limit))
      const fresh: ApprovalRequest[] = []
      for (const request of requests) {
        const { id } = request
        if (stuck.has(id)) continue
        if (!retries.has(id)) {
          fresh.push(request)
          continue
        }
        stuck.add(id)
        if (ready.has(id)) again.push(request)
      }
      if (!(await moveAll(fresh, stuck))) return null
      const all = requests.length < limit
      if (!all && stuck.size < MOST_STUCK) continue
      // Somebody else moved them.
      if (all) for (const id of ready) if (!stuck.has(id)) retries.done(id)
      await moveAll(again, stuck)
      // Where the store has more than that, the next sweep goes on: asking for it at once would ask for ever.
      return all ? nextAt : null
    }
  }
}

async function moveByTime(engine: Engine, request: ApprovalRequest): Promise<boolean> {
  const now = engine.store.now()
  const move = moveAt(request, now)
  if (move === null) return false
  const result = await commit(
    engine,
    request,
    [move],
    request.dueAt === null ? {} : { notBefore: request.dueAt },
  )
  if (!result.applied || result.request.status !== 'pending') return result.applied
  engine.deliveries.again(result.request, move.type === 'escalate' ? 'escalate' : 'remind')
  return true
}

/** What time makes of a request, if anything. Pure. */
export function moveAt(request: ApprovalRequest, now: number): Move | null {
  if (request.status === 'approved')
    return request.useBefore !== null && now >= request.useBefore ? { type: 'lapse' } : null
  if (request.status !== 'pending') return null
  // T27: time never approves.
  if (now >= request.expiresAt) return { type: 'expire' }
  const stages = escalationTimes(request).flatMap(([stage, at]) => (now >= at ? [stage] : []))
  if (stages.length > 0) return { type: 'escalate', stages, reason: 'nobody decided in time' }
  const remind = request.policy.requirements.some(
    ({ remindEveryMs }) =>
      remindEveryMs !== null && now >= request.stageOpenedAt + remindEveryMs * (request.reminders + 1),
  )
  return remind ? { type: 'remind' } : null
}
