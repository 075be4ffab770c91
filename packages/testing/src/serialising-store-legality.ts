import { type ApprovalRequest, type AuditEvent, illegalMove } from '@gatewright/core'

/** Whether nothing more will run for the request. */
export function isFinished({ status }: ApprovalRequest): boolean {
  return status !== 'pending' && status !== 'approved' && status !== 'executing'
}

/** @throws GatewrightError `ERR_TRANSITION_ILLEGAL` unless the request can be a first version with these events */
export function checkFirst(request: ApprovalRequest, events: readonly AuditEvent[]): void {
  if (request.version !== 1) throw illegalMove(request.id, 'a new request has version 1')
  checkNext(request, events, 0)
}

/** @throws GatewrightError `ERR_TRANSITION_ILLEGAL` unless the events go on after number `seq` and end where `next` says */
export function checkNext(next: ApprovalRequest, events: readonly AuditEvent[], seq: number): void {
  const follow = events.every((event, index) => event.subject === next.id && event.seq === seq + index + 1)
  if (!follow || next.lastEvent.seq !== seq + events.length)
    throw illegalMove(next.id, 'its events have a gap')
}
