import type { ApprovalRequest } from '@gatewright/core'
import type { Summary } from './request-schema'

/** A request without its arguments: what its agent works with, and what listings show. Digests are of what would run. */
export function summaryOf(request: ApprovalRequest, link: string): Summary {
  const { requester, onBehalfOf, origin, execution, resolution } = request
  return {
    id: request.id,
    version: request.version,
    status: request.status,
    action: request.action,
    title: request.presentation.title,
    argumentsDigest: request.edited?.digest ?? request.argumentsDigest,
    edited: request.edited !== null,
    reviewDigest: request.reviewDigest,
    requester: { id: requester.id, name: requester.name, owner: requester.owner?.name ?? null },
    onBehalfOf: onBehalfOf?.name ?? null,
    runId: origin.runId,
    callId: origin.callId,
    attempt: request.attempt,
    basis: request.basis,
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
    approvedAt: request.approvedAt,
    useBefore: request.useBefore,
    startedAt: execution?.startedAt ?? null,
    resolution: resolution && { reason: resolution.reason, by: resolution.by, at: resolution.at },
    outcome: request.outcome,
    lateOutcome: request.lateOutcome,
    link,
  }
}
