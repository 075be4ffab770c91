import type { ApprovalRequest, AuditEvent, Transition } from '@gatewright/core'

const DIGEST = '0'.repeat(64)

/** A request with its first event, and a move that can follow. */
export function requestOf(
  id: string,
  at: number,
  fields: Partial<ApprovalRequest> = {},
): { readonly request: ApprovalRequest; readonly events: readonly AuditEvent[]; readonly move: Transition } {
  const request: ApprovalRequest = {
    id,
    version: 1,
    status: 'pending',
    action: 'data.export',
    arguments: '["marked-argument"]',
    argumentsDigest: DIGEST,
    parameters: null,
    argumentShape: '["string"]',
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
    policy: { effect: 'require', rules: [], requirements: [], hash: DIGEST },
    key: null,
    attempt: 1,
    retryOf: null,
    reviewDigest: DIGEST,
    onOrphan: 'hold',
    processId: 'process-1',
    createdAt: at,
    expiresAt: at + 1_800_000,
    approvedAt: null,
    useBefore: null,
    dueAt: null,
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
    lastEvent: { seq: 1, hash: DIGEST },
    ...fields,
  }
  return {
    request,
    events: [eventOf(id, 1)],
    move: {
      fromVersion: 1,
      next: { ...request, version: 2, reminders: 1, lastEvent: { seq: 2, hash: DIGEST } },
      events: [eventOf(id, 2)],
    },
  }
}

/** Event number `seq` of a subject. */
export function eventOf(subject: string, seq: number): AuditEvent {
  return {
    data: { note: 'marked-argument' },
    id: `${subject}/${seq}`,
    previous: seq === 1 ? null : DIGEST,
    seq,
    source: 'ops-bot',
    subject,
    time: 1,
    type: 'request.created',
  }
}
