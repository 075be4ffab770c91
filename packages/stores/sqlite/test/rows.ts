import type { ApprovalRequest, AuditEvent, Transition } from '@gatewright/core'

/** A new request. */
export function requestOf(id: string, fields: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const at = fields.createdAt ?? 1_790_000_000_000
  return {
    id,
    version: 1,
    status: 'pending',
    action: 'data.export',
    arguments: '[{"rows":10}]',
    argumentsDigest: 'a'.repeat(64),
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
    policy: { effect: 'require', rules: [], requirements: [], hash: 'b'.repeat(64) },
    key: null,
    attempt: 1,
    retryOf: null,
    reviewDigest: 'c'.repeat(64),
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
    lastEvent: { seq: 1, hash: '' },
    ...fields,
  }
}

/** Event number `seq` of a subject. */
export function eventOf(subject: string, seq: number): AuditEvent {
  return {
    data: { note: 'for the board' },
    id: `${subject}/${seq}`,
    previous: null,
    seq,
    source: 'ops-bot',
    subject,
    time: 1,
    type: 'request.created',
  }
}

/** The move from a request to its next version. */
export function moveOf(from: ApprovalRequest, fields: Partial<ApprovalRequest> = {}): Transition {
  const seq = from.lastEvent.seq + 1
  return {
    fromVersion: from.version,
    next: { ...from, version: from.version + 1, lastEvent: { seq, hash: '' }, ...fields },
    events: [eventOf(from.id, seq)],
  }
}
