import type { ApprovalRequest } from '@gatewright/core'

/** What a request is: written once. An edit is the one move that changes some of it. */
const CONTENT = [
  'id',
  'action',
  'arguments',
  'argumentsDigest',
  'parameters',
  'argumentShape',
  'live',
  'presentation',
  'requester',
  'onBehalfOf',
  'intent',
  'origin',
  'context',
  'pins',
  'risk',
  'policy',
  'key',
  'attempt',
  'retryOf',
  'reviewDigest',
  'onOrphan',
  'processId',
  'createdAt',
  'expiresAt',
] as const satisfies readonly (keyof ApprovalRequest)[]

type Content = Pick<ApprovalRequest, (typeof CONTENT)[number]>

/** How a request stands: written at every move. */
type State = Omit<ApprovalRequest, keyof Content>

/** What a request is. */
export function contentOf(request: ApprovalRequest): Content {
  return {
    id: request.id,
    action: request.action,
    arguments: request.arguments,
    argumentsDigest: request.argumentsDigest,
    parameters: request.parameters,
    argumentShape: request.argumentShape,
    live: request.live,
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
  }
}

/** How a request stands. */
export function stateOf(request: ApprovalRequest): State {
  return {
    version: request.version,
    status: request.status,
    edited: request.edited,
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

/** The request that both parts make, as JSON. */
export function joinParts(content: string, state: string): string {
  return `${content.slice(0, -1)},${state.slice(1)}`
}

/** Which contents the rows of a file have, as far as this process saw them. */
export interface KnownContents {
  /** The row has the content of this request, at its version, sealed with this key; `null`: in clear. */
  saw(request: ApprovalRequest, keyId: string | null): void
  /** The row has moved to this request, and has the content that it had. */
  moved(request: ApprovalRequest): void
  /** Whether the row has the content of `next` sealed with this key, if it has this version. */
  has(next: ApprovalRequest, version: number, keyId: string | null): boolean
  /** What the row holds, if it has this version; `null`: that is not known. */
  at(next: ApprovalRequest, version: number): ApprovalRequest | null
}

/**
 * Remembers contents for as long as somebody else holds them. Requests are immutable, and a move takes over whatever it does not
 * change: so equal contents are the very same values.
 */
export function createKnownContents(): KnownContents {
  // By the one part that each request has for itself and that always is an object.
  const known = new WeakMap<object, { request: ApprovalRequest; readonly keyId: string | null }>()
  function at(next: ApprovalRequest, version: number): ApprovalRequest | null {
    const request = known.get(next.policy)?.request
    return request?.id === next.id && request.version === version ? request : null
  }

  return {
    at,
    saw: (request, keyId) => void known.set(request.policy, { request, keyId }),
    moved(request) {
      const before = known.get(request.policy)
      if (before !== undefined) before.request = request
    },
    has(next, version, keyId) {
      const request = at(next, version)
      if (request === null || known.get(next.policy)?.keyId !== keyId) return false
      return CONTENT.every((field) => request[field] === next[field])
    },
  }
}
