import type { AuditEvent } from '../contracts/audit'
import type { ApprovalRequest } from '../contracts/request'
import type { Transition } from '../contracts/store'
import { TERMINAL } from '../engine/lifecycle'
import { GatewrightError } from '../errors'

/**
 * Whether nothing more will run for the request: it may be forgotten once some log has its events. One whose outcome is
 * unknown is finished, and may still be told more.
 */
export function isFinished(request: Pick<ApprovalRequest, 'status'>): boolean {
  return TERMINAL.has(request.status)
}

/** Whether somebody's word, or a grant's, was given on the request: such a one may be similar to another. */
export function isDecided(request: Pick<ApprovalRequest, 'status' | 'approvedAt'>): boolean {
  return request.approvedAt !== null || request.status === 'rejected'
}

/**
 * Checks what a store is asked to create: a first version, whose events begin a chain. For every `create` of a store, before
 * anything is saved.
 *
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` otherwise
 */
export function checkCreation(request: ApprovalRequest, events: readonly AuditEvent[]): void {
  if (request.version !== 1) throw illegalMove(request.id, 'a new request has version 1')
  checkChain(request, events, 0)
}

/**
 * Checks what a store is asked to move: it leads to the version after `fromVersion`, its events go on where the request's
 * chain stands, and the request says where they end. For every `transition` of a store whose conditions hold, in the same
 * transaction, before anything is changed.
 *
 * @param stored - the request as the store holds it, at `fromVersion`
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` otherwise
 */
export function checkTransition(
  { next, events, fromVersion }: Pick<Transition, 'next' | 'events' | 'fromVersion'>,
  stored: Pick<ApprovalRequest, 'id' | 'version' | 'lastEvent'>,
): void {
  if (next.id !== stored.id) throw illegalMove(stored.id, 'a move leads to a version of the same request')
  if (fromVersion !== stored.version || next.version !== fromVersion + 1)
    throw illegalMove(next.id, 'a move leads to the next version')
  checkChain(next, events, stored.lastEvent.seq)
}

function checkChain(next: ApprovalRequest, events: readonly AuditEvent[], after: number): void {
  let seq = after
  for (const event of events) {
    seq += 1
    if (event.subject !== next.id || event.seq !== seq || event.id !== `${next.id}/${seq}`) {
      throw illegalMove(next.id, `event ${event.id} does not follow event ${seq - 1} of the request`)
    }
  }
  if (next.lastEvent.seq !== seq)
    throw illegalMove(next.id, `its last event is not number ${next.lastEvent.seq}`)
}

/**
 * The error for what no engine may ask of a store: for stores to throw where no check here does.
 *
 * @param requestId - the request, or whatever else the move is about
 * @param problem - what cannot be, in words: `there is a request with this id`
 */
export function illegalMove(requestId: string, problem: string): GatewrightError {
  return new GatewrightError(
    'ERR_TRANSITION_ILLEGAL',
    `the store refused a move that cannot be: ${problem}. Nothing was changed.`,
    { requestId },
  )
}
