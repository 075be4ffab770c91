import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import { GatewrightError, type NotApprovedCode, NotApprovedError } from '../errors'
import { deciderOf } from '../present/review-document'

const NOT_APPROVED: Partial<Record<RequestStatus, NotApprovedCode>> = {
  rejected: 'ERR_APPROVAL_REJECTED',
  expired: 'ERR_APPROVAL_EXPIRED',
  cancelled: 'ERR_APPROVAL_CANCELLED',
  undeliverable: 'ERR_APPROVAL_UNDELIVERABLE',
  lapsed: 'ERR_APPROVAL_LAPSED',
  invalidated: 'ERR_APPROVAL_INVALIDATED',
}

/** What a caller is told about a request that will not run for it (I10): each end has its own code and words. */
export function outcomeError(request: ApprovalRequest): GatewrightError {
  const { id: requestId, action, status } = request
  const code = NOT_APPROVED[status]
  if (code !== undefined) return notApproved(code, request)
  if (status === 'succeeded') {
    return new GatewrightError(
      'ERR_ALREADY_EXECUTED',
      `this ${action} call already ran, once, under request ${requestId}; nothing was executed now. Declare keepResult on the action to get its result again.`,
      { requestId },
    )
  }
  if (status === 'failed') {
    return new GatewrightError(
      'ERR_EXECUTION_FAILED',
      `this ${action} call ran and failed under request ${requestId}: ${request.outcome?.summary ?? 'no details'}. Nothing was executed now. Call with retry: true to open another attempt.`,
      { requestId },
    )
  }
  if (status === 'blocked') {
    return new GatewrightError(
      'ERR_EXECUTION_BLOCKED',
      `${action} was approved but refused just before it ran: ${request.outcome?.summary ?? 'no details'}. Nothing was executed.`,
      { requestId },
    )
  }
  return unknownOutcome(request)
}

/** A run that was cut off: it may have had its effect. */
export function unknownOutcome({ id: requestId, action, outcome }: ApprovalRequest): GatewrightError {
  return new GatewrightError(
    'ERR_EXECUTION_UNKNOWN',
    `${action} was started under request ${requestId}, and its outcome is not known: ${outcome?.summary ?? 'no details'}. It is not run again by itself. Find out what happened, then gate.reconcile('${requestId}', ...).`,
    { requestId },
  )
}

/** Retention deleted the request before its caller heard what became of it. */
export function requestGone(requestId: string): GatewrightError {
  return new GatewrightError(
    'ERR_REQUEST_NOT_FOUND',
    `request ${requestId} was deleted before this call heard what became of it. This call executed nothing; the audit log says how the request ended.`,
    { requestId },
  )
}

function notApproved(code: NotApprovedCode, request: ApprovalRequest): NotApprovedError {
  const { id: requestId, action, status, resolution } = request
  const reason = resolution?.reason ?? 'no reason was given'
  const by = deciderOf(request)
  return new NotApprovedError(
    code,
    `${action} was ${WORDS[status] ?? status}${by ? ` by ${by}` : ''}: ${reason}. Nothing was executed.${ADVICE[status] ?? ''}`,
    {
      requestId,
      action,
      reason,
      by,
    },
  )
}

const WORDS: Partial<Record<RequestStatus, string>> = {
  expired: 'not decided in time',
  lapsed: 'approved, but not run in time',
  undeliverable: 'not approved, because its reviewers could not be reached',
  invalidated: 'approved, but the approval no longer holds',
}

const ADVICE: Partial<Record<RequestStatus, string>> = {
  rejected: ' Calling again unchanged will not help.',
  expired: ' Ask again when somebody can decide.',
  lapsed: ' Ask again.',
  undeliverable: ' Mend the approver and ask again.',
  invalidated: ' Ask again.',
}
