import type { Awaitable } from '../contracts/awaitable'
import type { PolicyRecord } from '../contracts/policy'
import type { ApprovalRequest } from '../contracts/request'
import { andThen } from '../values/is-promise'
import { executionOf } from './claim'
import { draftRequest, firstEvent, type Opening } from './draft-request'
import type { Engine } from './engine'
import { applyMoves } from './lifecycle'
import type { PreparedCall } from './prepare'
import { takeRun } from './running'
import { storeCall } from './store-call'

/**
 * For a call that has a key and needs nobody's vote: saves its request as one that runs already, in one write, since nobody can
 * have moved it before. The log tells the same story as of one that was opened and then claimed. Nobody else runs it (I3);
 * `null` where the key has a holder.
 */
export function startAtOnce(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  opening: Opening,
): Awaitable<ApprovalRequest | null> {
  const draft = draftRequest(engine, prepared, record, opening, { failed: null, pins: null })
  const created = firstEvent(engine, draft)
  // Its first move leads to version 1.
  draft.version = 0
  const execution = executionOf(engine, draft)
  const { next, events } = applyMoves(draft, [{ type: 'start', execution }], draft.createdAt, engine.settings)
  const all = [created, ...events]
  const create = () => storeCall(() => engine.store.create(next, all))
  return andThen(
    takeRun(engine.running, next.id, create, (answer) => answer.created),
    (answer) => {
      if (!answer.created) return null
      engine.publisher.recorded(all, 'by-caller')
      engine.emit(all, answer.request)
      return answer.request
    },
  )
}
