import type { AuditEventType } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { JsonObject } from '../contracts/json'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow, Mark, TransitionResult } from '../contracts/store'
import { andThen, isPromise } from '../values/is-promise'
import type { Engine } from './engine'
import { loneEvent } from './events'
import { applyMoves, type Move } from './lifecycle'
import type { Publishing } from './publish'
import { storeCall } from './store-call'

/** Conditions and side rows of a transition. */
export interface CommitOptions {
  readonly notAfter?: number
  readonly notBefore?: number
  readonly useGrant?: string
  readonly mark?: Mark
}

/**
 * The one way a request changes: computes the moves, has the store apply them or refuse, and tells everyone who follows.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE` when it is not known whether the store applied them
 */
export function commit(
  engine: Engine,
  request: ApprovalRequest,
  moves: readonly Move[],
  options: CommitOptions = {},
  publishing: Publishing = 'in-background',
): Awaitable<TransitionResult> {
  const { next, events } = applyMoves(request, moves, engine.store.now(), engine.settings)
  const moving = storeCall(() =>
    engine.store.transition({ fromVersion: request.version, next, events, ...options }),
  )
  return andThen(moving, (result) => {
    if (!result.applied) return result
    engine.publisher.recorded(events, publishing)
    engine.sweeper.due(next.dueAt)
    engine.emit(events, next)
    engine.deliveries.changed(next)
    // I2: whoever waits reads what the store holds, and so sees what was changed behind us.
    engine.waiters.hint([next.id])
    return result
  })
}

/** Keeps what came of a delivery that failed, for good where nothing is attempted any more, and records it. */
export async function recordFailure(
  engine: Engine,
  request: ApprovalRequest,
  row: DeliveryRow,
): Promise<void> {
  await storeCall(() => engine.store.deliveries.put(row))
  const { approver, attempts: attempt, error, id: deliveryId, requestId, status } = row
  const facts = { approver, attempt, deliveryId, error, final: status === 'failed', requestId }
  await recordAlone(engine, 'delivery.failed', facts, request)
}

/** Records a step that belongs to no request's chain: a refused vote, a denied call, a delivery. */
export async function recordAlone(
  engine: Engine,
  type: AuditEventType,
  data: JsonObject,
  request: ApprovalRequest | null = null,
): Promise<void> {
  const event = loneEvent(engine, { type, data })
  const recording = storeCall(() => engine.store.outbox.record([event]))
  if (isPromise(recording)) await recording
  engine.publisher.recorded([event], 'alone')
  engine.emit([event], request)
}
