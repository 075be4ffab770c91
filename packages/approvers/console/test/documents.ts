import { createHash } from 'node:crypto'
import type { ReviewContent, ReviewDocument, ReviewLeaf, ReviewProgress } from '@gatewright/core'

/** Midday, so that clock times read the same in every time zone's day. */
export const start = Date.UTC(2026, 10, 21, 12)

/** The digest of a call with these named arguments, written as canonical JSON. */
export function argumentsDigest(named: string): string {
  return createHash('sha256').update(`[${named}]`).digest('hex')
}

/** A leaf that is shown in full. */
export function leaf(path: string, text: string, more: Partial<ReviewLeaf> = {}): ReviewLeaf {
  return { path, type: 'string', text, marks: [], omitted: 0, ...more }
}

/** A document as a gate would build it, with what a test changes about it. */
export function document(
  requestId: string,
  content: Partial<ReviewContent> = {},
  progress: Partial<ReviewProgress> = {},
  more: Partial<ReviewDocument> = {},
): ReviewDocument {
  const digest = digestOf(`${requestId}${content.argumentsDigest ?? ''}`)
  return {
    requestId,
    digest,
    shortDigest: digest.slice(0, 8),
    complete: true,
    link: null,
    ...more,
    content: {
      format: 1,
      requestId,
      action: 'data.export',
      title: 'Export customer rows to a bucket',
      description: null,
      argumentsDigest: argumentsDigest('{"rows":120000,"table":"customers"}'),
      requester: { id: 'ops-bot', name: 'ops-bot', owner: 'Grace Hopper' },
      onBehalfOf: null,
      intent: null,
      arguments: [leaf('/table', 'customers'), leaf('/rows', '120000', { type: 'number' })],
      edited: null,
      context: { status: 'none' },
      pins: [],
      risk: { level: 'medium', score: 0.4, reasons: ['bulk: more than 100,000 rows'] },
      rules: [{ id: 'big-export', version: 1, reason: 'more than 10,000 rows' }],
      stages: [
        { requirement: 'big-export', stage: 'review', reviewers: 'group ops', atLeast: 1, assurance: null },
      ],
      missing: [],
      noteFor: { approve: false, reject: false },
      ...content,
    },
    progress: {
      status: 'pending',
      version: 1,
      createdAt: start,
      expiresAt: start + 30 * 60_000,
      votes: [],
      open: [{ requirement: 'big-export', stage: 'review', reviewers: 'group ops', missing: 1 }],
      similar: [],
      reminder: 0,
      waitingBehind: 0,
      resolution: null,
      outcome: null,
      ...progress,
    },
  }
}

/** A document with something in every part of it. */
export function fullDocument(requestId: string): ReviewDocument {
  return document(
    requestId,
    {
      title: 'Export customer rows to a bucket',
      description: 'Writes one CSV file. The bucket is readable by the analytics team.',
      requester: { id: 'ops-bot', name: 'Ops bot', owner: 'Grace Hopper' },
      onBehalfOf: 'Lin Chen',
      intent: { label: 'the agent says', leaf: leaf('', 'Routine weekly export, nothing special.') },
      arguments: [
        leaf('/table', 'customers'),
        leaf('/rows', '120000', { type: 'number' }),
        leaf('/columns/0', 'email'),
        leaf('/columns/1', 'name'),
        leaf('/query', "SELECT email, name\n  FROM customers\n WHERE country = 'FR'"),
        leaf(
          '/destination',
          's3://analytics-exports/weekly/2026-11-21/customers-complete-with-contact-details.csv',
        ),
        leaf('/apiKey', '[redacted: key]', { marks: ['redacted'] }),
        leaf('/note', 'pay⟦U+202E⟧lap раypal', { marks: ['escaped', 'mixed-script'] }),
        leaf('/dryRun', 'false', { type: 'boolean' }),
      ],
      context: {
        status: 'available',
        resource: [leaf('/bucket', 'analytics-exports'), leaf('/region', 'eu-west-3')],
        lineage: [leaf('/from', 'postgres://crm/customers')],
        impact: [leaf('/people', '118204', { type: 'number' })],
        scope: [leaf('/role', 's3:PutObject')],
        labels: [leaf('/pii', 'true', { type: 'boolean' })],
      },
      pins: [{ name: 'query.sql', digest: 'ab12'.repeat(16) }],
      risk: {
        level: 'high',
        score: 0.72,
        reasons: ['bulk: more than 100,000 rows', 'pii: e-mail addresses leave the CRM'],
      },
      stages: [
        { requirement: 'big-export', stage: 'team', reviewers: 'group ops', atLeast: 1, assurance: null },
        {
          requirement: 'big-export',
          stage: 'security',
          reviewers: 'group security',
          atLeast: 2,
          assurance: 'single sign-on',
        },
      ],
    },
    {
      votes: [
        { by: 'Ada Moreno', decision: 'approve', note: 'fine by me', at: start + 60_000, counts: true },
      ],
      open: [{ requirement: 'big-export', stage: 'security', reviewers: 'group security', missing: 2 }],
      similar: [
        {
          requestId: '01K0PREVIOUS',
          status: 'succeeded',
          by: 'Ben Okafor',
          at: start - 3 * 86_400_000,
          sameArguments: true,
        },
        {
          requestId: '01K0EARLIER',
          status: 'rejected',
          by: 'Ada Moreno',
          at: start - 9 * 86_400_000,
          sameArguments: false,
        },
      ],
      waitingBehind: 2,
    },
    { link: 'https://gate.example.com/requests/01K0' },
  )
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
