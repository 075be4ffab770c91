import type { ApprovalRequest } from '../contracts/request'

/** A request that is still being put together. */
export type MutableRequest = { -readonly [Field in keyof ApprovalRequest]: ApprovalRequest[Field] }

/**
 * A shallow copy that may be changed. Field by field: requests are wide and move several times a call, and spreading a
 * frozen one costs twenty times as much, as does freezing what was spread together.
 */
export function copyRequest(request: ApprovalRequest): MutableRequest {
  return {
    id: request.id,
    version: request.version,
    status: request.status,
    action: request.action,
    arguments: request.arguments,
    argumentsDigest: request.argumentsDigest,
    parameters: request.parameters,
    argumentShape: request.argumentShape,
    live: request.live,
    edited: request.edited,
    presentation: request.presentation,
    requester: request.requester,
    onBehalfOf: request.onBehalfOf,
    intent: request.intent,
    origin: request.origin,
    context: request.context,
    pins: request.pins,
    risk: request.risk,
    policy: request.policy,
    key: request.key,
    attempt: request.attempt,
    retryOf: request.retryOf,
    reviewDigest: request.reviewDigest,
    onOrphan: request.onOrphan,
    processId: request.processId,
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
    approvedAt: request.approvedAt,
    useBefore: request.useBefore,
    dueAt: request.dueAt,
    votes: request.votes,
    escalated: request.escalated,
    stageOpenedAt: request.stageOpenedAt,
    reminders: request.reminders,
    basis: request.basis,
    grantId: request.grantId,
    resolution: request.resolution,
    execution: request.execution,
    outcome: request.outcome,
    result: request.result,
    lateOutcome: request.lateOutcome,
    reconciliation: request.reconciliation,
    lastEvent: request.lastEvent,
  }
}
