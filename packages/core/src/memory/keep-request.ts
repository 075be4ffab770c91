import type { ApprovalRequest } from '../contracts/request'
import { freezeJson } from './freeze'

type Plain = string | number | boolean | null

/** The fields that hold more than one value. */
type NestedField = {
  [Field in keyof ApprovalRequest]: ApprovalRequest[Field] extends Plain ? never : Field
}[keyof ApprovalRequest]

// A record, so that the compiler misses whatever is left out.
const NESTED: Readonly<Record<NestedField, true>> = {
  parameters: true,
  edited: true,
  presentation: true,
  requester: true,
  onBehalfOf: true,
  origin: true,
  context: true,
  pins: true,
  risk: true,
  policy: true,
  votes: true,
  escalated: true,
  resolution: true,
  execution: true,
  outcome: true,
  lateOutcome: true,
  reconciliation: true,
  lastEvent: true,
}
const NESTED_FIELDS = Object.keys(NESTED) as readonly NestedField[]

/**
 * A frozen copy of a request, with everything in it frozen. What it took over from its previous version is frozen
 * already, and is not walked again.
 */
export function keepRequest(request: ApprovalRequest, previous: ApprovalRequest | null): ApprovalRequest {
  const kept = copyOf(request)
  for (const field of NESTED_FIELDS) {
    const value = kept[field]
    if (value !== null && value !== previous?.[field]) freezeJson(value)
  }
  return Object.freeze(kept)
}

/** Field by field: freezing an object that was spread together costs ten times as much as freezing a literal. */
function copyOf(request: ApprovalRequest): ApprovalRequest {
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
