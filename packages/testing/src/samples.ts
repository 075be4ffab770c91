import type {
  ApprovalRequest,
  ApprovalStore,
  AuditEvent,
  CredentialLease,
  DeliveryRow,
  Principal,
  StandingGrant,
  Transition,
  Vote,
} from '@gatewright/core'

const AT = 1_790_000_000_000

/** A text that has the form of a SHA-256 digest, different for each number. */
export function digest(number: number): string {
  return number.toString(16).padStart(64, '0')
}

/**
 * A request as an engine hands it to a store: pending, version 1, no votes, no key, and due when it expires, half an hour
 * after `createdAt`. Its first event is `sampleEvent(id, 1)`.
 *
 * @param fields - put in place of those of the sample. A `createdAt` (milliseconds since the epoch) moves its other times too
 * @example
 * ```ts
 * import { memoryStore } from '@gatewright/core'
 * import { createSample, sampleMove } from '@gatewright/testing'
 *
 * const store = memoryStore()
 * const request = await createSample(store, 'r-1', { key: 'k'.repeat(64) })
 * await store.transition(sampleMove(request, { status: 'expired', dueAt: null }))
 * ```
 */
export function sampleRequest(id: string, fields: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const at = fields.createdAt ?? AT
  return {
    id,
    version: 1,
    status: 'pending',
    action: 'data.export',
    arguments: '[{"rows":10}]',
    argumentsDigest: digest(1),
    parameters: null,
    argumentShape: '[{"rows":"number"}]',
    live: false,
    edited: null,
    presentation: {
      title: null,
      description: null,
      redact: [],
      personal: [],
      redactKeys: [],
      redactPatterns: [],
    },
    requester: { id: 'ops-bot', name: 'Ops bot', owner: null },
    onBehalfOf: null,
    intent: null,
    origin: { runId: null, callId: null, parentRequestId: null, traceparent: null, model: null, agent: null },
    context: null,
    pins: null,
    risk: { score: 0, level: 'low', reasons: [], failed: [] },
    policy: { effect: 'require', rules: [], requirements: [], hash: digest(2) },
    key: null,
    attempt: 1,
    retryOf: null,
    reviewDigest: digest(3),
    onOrphan: 'hold',
    processId: 'process-1',
    createdAt: at,
    expiresAt: at + 1_800_000,
    approvedAt: null,
    useBefore: null,
    dueAt: at + 1_800_000,
    votes: [],
    escalated: [],
    stageOpenedAt: at,
    reminders: 0,
    basis: null,
    grantId: null,
    resolution: null,
    execution: null,
    outcome: null,
    result: null,
    lateOutcome: null,
    reconciliation: null,
    lastEvent: { seq: 1, hash: digest(4) },
    ...fields,
  }
}

/**
 * Event number `seq` of a subject, with the id that the contract wants. Always the same for the same arguments, so that what
 * a store answers can be compared with it.
 */
export function sampleEvent(subject: string, seq: number, fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    data: { requestId: subject, nested: { list: [1, 'two', null] } },
    id: `${subject}/${seq}`,
    previous: seq === 1 ? null : digest(seq),
    seq,
    source: 'ops-bot',
    subject,
    time: 1_700_000_000_000 + seq,
    type: 'request.created',
    ...fields,
  }
}

/**
 * Saves a {@link sampleRequest} with its first event, created at the store's time unless `fields` say otherwise, and answers
 * with it as it was handed in. Rejects when the store does, or has a request or tombstone of its key.
 */
export async function createSample(
  store: ApprovalStore,
  id: string,
  fields: Partial<ApprovalRequest> = {},
): Promise<ApprovalRequest> {
  const request = sampleRequest(id, { createdAt: store.now(), ...fields })
  const { created } = await store.create(request, [sampleEvent(id, 1)])
  if (!created) throw new Error(`the sample request "${id}" was not created: its key is taken`)
  return request
}

/**
 * The move from a request to its next version, with one event: legal for a store that holds the request as it is given.
 *
 * @param fields - what the move changes about the request
 * @param more - conditions of the move, a mark, a grant; or other events, which `fields.lastEvent` then has to count
 */
export function sampleMove(
  from: ApprovalRequest,
  fields: Partial<ApprovalRequest> = {},
  more: Partial<Transition> = {},
): Transition {
  const seq = from.lastEvent.seq + 1
  return {
    fromVersion: from.version,
    next: { ...from, version: from.version + 1, lastEvent: { seq, hash: digest(seq) }, ...fields },
    events: [sampleEvent(from.id, seq, { type: 'request.vote-cast' })],
    ...more,
  }
}

/** A person who may vote: signed in, of the group `ops`. */
export function sampleReviewer(): Principal {
  return {
    type: 'human',
    issuer: 'https://idp.example.com',
    subject: '00u1',
    name: 'Ada',
    groups: ['ops'],
    assurance: { method: 'sso' },
  }
}

/** The approving vote of the {@link sampleReviewer} on what a {@link sampleRequest} asks for. */
export function sampleVote(id: string, fields: Partial<Vote> = {}): Vote {
  const actor = sampleReviewer()
  return {
    id,
    decision: 'approve',
    actor,
    person: { issuer: actor.issuer, subject: actor.subject },
    argumentsDigest: digest(1),
    reviewDigest: digest(3),
    countsIn: [[0, 0]],
    escalated: [[0, 0]],
    note: null,
    changes: null,
    channel: 'console',
    at: AT,
    ...fields,
  }
}

/** A message that is under way, by its first attempt and with no time for the next. */
export function sampleDelivery(
  id: string,
  requestId: string,
  fields: Partial<DeliveryRow> = {},
): DeliveryRow {
  return {
    id,
    requestId,
    approver: 'console',
    stages: [[0, 0]],
    status: 'sending',
    attempts: 1,
    nextAttemptAt: null,
    reference: null,
    reached: 'everyone',
    shownVersion: 1,
    error: null,
    ...fields,
  }
}

/**
 * A standing grant of version 1 with two uses, for an hour from `createdAt` on, given by one person for whatever arguments.
 *
 * @param fields - put in place of those of the sample. A `createdAt` (milliseconds since the epoch) moves its other times too
 */
export function sampleGrant(id: string, fields: Partial<StandingGrant> = {}): StandingGrant {
  const at = fields.createdAt ?? AT
  return {
    id,
    version: 1,
    action: 'data.export',
    requesterId: 'ops-bot',
    constraints: [{ path: '', any: true }],
    givenBy: [{ actor: sampleReviewer(), at }],
    note: 'for tonight',
    createdAt: at,
    expiresAt: at + 3_600_000,
    usesLeft: 2,
    revoked: null,
    ...fields,
  }
}

/** A credential that is about to be issued: it has no handle yet. */
export function sampleLease(id: string, fields: Partial<CredentialLease> = {}): CredentialLease {
  return {
    id,
    requestId: 'r-1',
    processId: 'process-1',
    broker: 'vault',
    handle: null,
    createdAt: AT,
    ...fields,
  }
}
