import type { AuditEvent } from '../contracts/audit'
import type { ApprovalRequest } from '../contracts/request'
import type { Transition } from '../contracts/store'
import { TERMINAL } from '../engine/lifecycle'
import { GatewrightError } from '../errors'

/** Whether nothing more will run for the request. */
export function isFinished(request: ApprovalRequest): boolean {
  return TERMINAL.has(request.status)
}

/** Whether somebody's word, or a grant's, was given on it. */
export function isDecided(request: ApprovalRequest): boolean {
  return request.approvedAt !== null || request.status === 'rejected'
}

/** @throws GatewrightError `ERR_TRANSITION_ILLEGAL` unless the request can be a first version with these events */
export function checkFirst(request: ApprovalRequest, events: readonly AuditEvent[]): void {
  if (request.version !== 1) throw illegal(request.id, 'a new request has version 1')
  checkChain(request, events, 0)
}

/** @throws GatewrightError `ERR_TRANSITION_ILLEGAL` unless the move leads to the version after `fromVersion` */
export function checkMove({ next, fromVersion }: Transition): void {
  if (next.version !== fromVersion + 1) throw illegal(next.id, 'a move leads to the next version')
}

/**
 * The events of a move go on where the request's chain stands, and the request says where they end.
 *
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` otherwise
 */
export function checkChain(next: ApprovalRequest, events: readonly AuditEvent[], after: number): void {
  let seq = after
  for (const event of events) {
    seq += 1
    if (event.subject !== next.id || event.seq !== seq) {
      throw illegal(next.id, `event ${event.id} does not follow event ${seq - 1} of the request`)
    }
  }
  if (next.lastEvent.seq !== seq) throw illegal(next.id, `its last event is not number ${next.lastEvent.seq}`)
}

/** The error for what no engine may ask of a store. */
export function illegal(requestId: string, problem: string): GatewrightError {
  return new GatewrightError(
    'ERR_TRANSITION_ILLEGAL',
    `the store refused a move that cannot be: ${problem}. Nothing was changed.`,
    { requestId },
  )
}
