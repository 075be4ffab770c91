// Requests and events as the engine makes them, for what measures the SQLite store alone.

/** How many kinds of arguments there are. */
export const SHAPES = 500

/** A digest like any other, of a number. */
export const digest = (number) => number.toString(16).padStart(64, '0')

/** A request as the engine makes them: about 1.6 KB. */
export function requestOf(number, fields = {}) {
  const id = `01J${String(number).padStart(23, '0')}`
  const at = 1_790_000_000_000 + number
  return {
    id,
    version: 1,
    status: 'pending',
    action: `data.export-${number % 20}`,
    arguments: JSON.stringify([
      { rows: number, table: `customers-${number % 1_000}`, reason: 'monthly report' },
    ]),
    argumentsDigest: digest(number),
    parameters: null,
    argumentShape: JSON.stringify([{ rows: 'number', table: `string-${number % SHAPES}` }]),
    live: false,
    edited: null,
    presentation: { title: null, description: null, redact: [], personal: [] },
    requester: { id: `agent-${number % 50}`, name: 'bench', owner: null },
    onBehalfOf: null,
    intent: 'export the table for the monthly report',
    origin: {
      runId: `run-${number % 10_000}`,
      callId: `call-${number}`,
      parentRequestId: null,
      traceparent: null,
      model: null,
    },
    context: null,
    pins: null,
    risk: { score: 0, level: 'low', reasons: [], failed: [] },
    policy: { effect: 'require', rules: [], requirements: [], hash: digest(2) },
    key: digest(number),
    attempt: 1,
    retryOf: null,
    reviewDigest: digest(3),
    onOrphan: 'hold',
    processId: '01J00000000000000000000000',
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

/** An event of a request. */
export function eventOf(subject, seq) {
  return {
    data: { action: 'data.export', requestId: subject },
    id: `${subject}/${seq}`,
    previous: null,
    seq,
    source: 'bench',
    subject,
    time: 1_790_000_000_000,
    type: 'request.created',
  }
}

/** A move to the next version. */
export const moved = (request, fields) => ({
  fromVersion: request.version,
  next: {
    ...request,
    version: request.version + 1,
    lastEvent: { seq: request.lastEvent.seq + 1, hash: digest(5) },
    ...fields,
  },
  events: [eventOf(request.id, request.lastEvent.seq + 1)],
})
