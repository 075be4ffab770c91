import type { PersonRef } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import { commit } from './commit'
import type { Engine } from './engine'
import { LEGAL_FROM, type Move } from './lifecycle'
import { storeCall } from './store-call'

/**
 * Makes a safe move from whatever state the request is in when the store applies it; `null` when there is no such
 * request, and the request as it stands when the move is no longer legal.
 */
export async function moveSafely(
  engine: Engine,
  id: string,
  move: Move,
  conditions: { readonly notBefore?: number } = {},
): Promise<ApprovalRequest | null> {
  let request = await storeCall(() => engine.store.get(id))
  while (request !== null && LEGAL_FROM[move.type].includes(request.status)) {
    const result = await commit(engine, request, [move], conditions)
    if (result.applied || result.reason !== 'conflict') return result.request
    request = result.request
  }
  return request
}

/** Cancels what has not started. A race with an approval or a start is decided by the store. */
export function cancelRequest(
  engine: Engine,
  id: string,
  reason: string,
  by: PersonRef | null,
): Promise<ApprovalRequest | null> {
  return moveSafely(engine, id, { type: 'cancel', reason, by })
}
