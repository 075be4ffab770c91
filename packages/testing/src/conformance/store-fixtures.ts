import type {
  ApprovalRequest,
  ApprovalStore,
  AuditEvent,
  AuditEventType,
  CredentialLease,
  DeliveryRow,
  Principal,
  RequestStatus,
  StandingGrant,
  Transition,
  Vote,
} from '@gatewright/core'

/** A digest, different for each number. */
export function digest(number: number): string {
  return number.toString(16).padStart(64, '0')
}

/** A person with a login. Frozen: cases share her, and some change what they handed in. */
export const ADA: Principal = Object.freeze({
  type: 'human',
  issuer: 'https://idp.example.com',
  subject: '00u1',
  name: 'Ada',
  groups: Object.freeze(['ops']),
  assurance: Object.freeze({ method: 'sso' }),
})

/** A new request, as an engine would make it; the store's time is `at`. */
export function requestOf(id: string, at: number, fields: Partial<ApprovalRequest> = {}): ApprovalRequest {
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
    origin: { runId: null, callId: null, parentRequestId: null, traceparent: null, model: null },
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

/** Event number `seq` of a subject. */
export function eventOf(subject: string, seq: number, type: AuditEventType = 'request.created'): AuditEvent {
  return {
    data: { requestId: subject, nested: { list: [1, 'two', null] } },
    id: `${subject}/${seq}`,
    previous: seq === 1 ? null : digest(seq),
    seq,
    source: 'ops-bot',
    subject,
    time: 1_700_000_000_000 + seq,
    type,
  }
}

/** Ids of events. */
export function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}

/** Saves a request with its first event, and answers with it. */
export async function save(
  store: ApprovalStore,
  id: string,
  fields: Partial<ApprovalRequest> = {},
): Promise<ApprovalRequest> {
  const request = requestOf(id, store.now(), fields)
  await store.create(request, [eventOf(id, 1)])
  return request
}

/** The move from a request to its next version, with one event. */
export function moveOf(
  from: ApprovalRequest,
  fields: Partial<ApprovalRequest> = {},
  more: Partial<Transition> = {},
): Transition {
  const seq = from.lastEvent.seq + 1
  return {
    fromVersion: from.version,
    next: { ...from, version: from.version + 1, lastEvent: { seq, hash: digest(seq) }, ...fields },
    events: [eventOf(from.id, seq, 'request.vote-cast')],
    ...more,
  }
}

/** Moves a request on, and answers with what the store then holds of it. */
export async function move(
  store: ApprovalStore,
  from: ApprovalRequest,
  fields: Partial<ApprovalRequest> = {},
  more: Partial<Transition> = {},
): Promise<ApprovalRequest> {
  const result = await store.transition(moveOf(from, fields, more))
  if (!result.applied) throw new Error(`a move was not applied: ${result.reason}`)
  return result.request
}

/** What a request looks like once nothing more will become of it. */
export function ending(status: RequestStatus, at: number): Partial<ApprovalRequest> {
  return { status, dueAt: null, resolution: { reason: 'a test', by: null, at } }
}

/** What a request looks like once it was approved. */
export function approval(at: number): Partial<ApprovalRequest> {
  return { status: 'approved', basis: 'votes', approvedAt: at, useBefore: at + 60_000, dueAt: at + 60_000 }
}

/** Has a log acknowledge all that it has not, of one subject or of those that no log has. Answers with the ids, in order. */
export async function publish(
  store: ApprovalStore,
  logId: string,
  subject?: string,
): Promise<readonly string[]> {
  const query = subject === undefined ? { logId, limit: 10_000 } : { logId, subject, limit: 10_000 }
  const ids = idsOf(await store.outbox.unpublished(query))
  await store.outbox.published(logId, ids)
  return ids
}

/** A vote. */
export function voteOf(id: string, at: number): Vote {
  return {
    id,
    decision: 'approve',
    // Its own copy: a case changes whatever it handed in.
    actor: structuredClone(ADA),
    person: { issuer: ADA.issuer, subject: ADA.subject },
    argumentsDigest: digest(1),
    reviewDigest: digest(3),
    countsIn: [[0, 0]],
    escalated: [[0, 0]],
    note: null,
    changes: null,
    channel: 'console',
    at,
  }
}

/** A message that is under way. */
export function deliveryOf(id: string, requestId: string, fields: Partial<DeliveryRow> = {}): DeliveryRow {
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

/** A standing grant with two uses. */
export function grantOf(id: string, at: number, fields: Partial<StandingGrant> = {}): StandingGrant {
  return {
    id,
    version: 1,
    action: 'data.export',
    requesterId: 'ops-bot',
    constraints: [{ path: '', any: true }],
    givenBy: [{ actor: ADA, at }],
    note: 'for tonight',
    createdAt: at,
    expiresAt: at + 3_600_000,
    usesLeft: 2,
    revoked: null,
    ...fields,
  }
}

/** A credential that is about to be issued. */
export function leaseOf(id: string, at: number, handle: string | null = null): CredentialLease {
  return { id, requestId: 'r-1', processId: 'process-1', broker: 'vault', handle, createdAt: at }
}
