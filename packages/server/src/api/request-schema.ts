import { z } from '@hono/zod-openapi'
import { list, sha256, status, text, time } from './common-schema'

const personRef = z.object({
  issuer: text('Who vouches for the subject.', 'https://idp.example.com'),
  subject: text('The immutable id under that issuer.', '00u1'),
})

const outcome = z
  .object({
    status: z.enum(['succeeded', 'failed', 'blocked', 'unknown']),
    at: time,
    durationMs: z.number(),
    resultDigest: sha256.nullable(),
    summary: text('A short description, redacted.'),
    redacted: z.boolean().openapi({ description: 'Whether redaction changed the summary.' }),
  })
  .openapi('Outcome', { description: 'What a run came to.' })

/** A request without its arguments. */
export const summary = z
  .object({
    id: text('Names the request.', '01KAZ4Q9W3M2T8V5XH6C7B1D0E'),
    version: z.number().int().openapi({ description: 'Grows with every move.', example: 1 }),
    status,
    action: text('The action asked for.', 'data.export'),
    title: text('What the host program calls it.').nullable(),
    argumentsDigest: sha256.openapi({
      description:
        'Of the arguments that would run: SHA-256 over the RFC 8785 JSON of `[arguments]`. A claim carries it.',
    }),
    edited: z.boolean().openapi({ description: 'A reviewer changed the arguments.' }),
    reviewDigest: sha256.openapi({ description: 'Of the complete review document. A vote carries it.' }),
    requester: z.object({
      id: text('The agent’s id.', 'deploy-bot'),
      name: text('The agent’s name.', 'Deploy bot'),
      owner: text('Who answers for the agent.').nullable(),
    }),
    onBehalfOf: text('The person for whom the agent acts.').nullable(),
    runId: text('The agent’s run.').nullable(),
    callId: text('The call in the run.').nullable(),
    attempt: z.number().int(),
    basis: z
      .enum(['votes', 'policy', 'grant', 'observe'])
      .nullable()
      .openapi({ description: 'Why it may run.' }),
    createdAt: time,
    expiresAt: time,
    approvedAt: time.nullable(),
    useBefore: time.nullable().openapi({ description: 'An approval must be claimed by then.' }),
    startedAt: time.nullable(),
    resolution: z
      .object({ reason: text('Why it will not run.'), by: personRef.nullable(), at: time })
      .nullable(),
    outcome: outcome.nullable(),
    lateOutcome: outcome.nullable().openapi({ description: 'Told after the outcome had become unknown.' }),
    link: text(
      'Where people see all of it.',
      'https://approvals.example.com/requests/01KAZ4Q9W3M2T8V5XH6C7B1D0E',
    ),
  })
  .openapi('Request', { description: 'A request for approval, as it stands now, without its arguments.' })

/** A request without its arguments, as the API answers it. */
export type Summary = z.infer<typeof summary>

const leaf = z
  .object({
    path: text('JSON Pointer into the arguments.', '/table'),
    type: text('`string`, `number`, `boolean`, `null`, `date`, …', 'string'),
    text: text('The value, with hidden characters made visible and secrets gone.', 'customers'),
    marks: list(z.enum(['redacted', 'truncated', 'escaped', 'mixed-script']), 'How the text differs.'),
    omitted: z.number().openapi({ description: 'Characters that are not shown.' }),
  })
  .openapi('ReviewLeaf', { description: 'One value, ready to be shown. Escape it for your markup.' })

const leaves = (description: string) => list(leaf, description)

const stage = z.object({
  requirement: z.string(),
  stage: z.string(),
  reviewers: z.string(),
  atLeast: z.number(),
  assurance: z.string().nullable(),
})

const content = z
  .object({
    format: z.literal(1),
    requestId: z.string(),
    action: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    argumentsDigest: sha256,
    requester: z.object({ id: z.string(), name: z.string(), owner: z.string().nullable() }),
    onBehalfOf: z.string().nullable(),
    intent: z
      .object({ label: z.literal('the agent says'), leaf })
      .nullable()
      .openapi({ description: 'The agent’s own words. Untrusted: show them under exactly this label.' }),
    arguments: leaves('Every leaf of the arguments that would run.'),
    edited: z
      .object({
        by: z.string(),
        changes: list(
          z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
          'What was changed.',
        ),
      })
      .nullable(),
    context: z.discriminatedUnion('status', [
      z.object({ status: z.literal('none') }),
      z.object({ status: z.literal('unavailable'), reason: z.string() }),
      z.object({
        status: z.literal('available'),
        resource: leaves('What is touched.'),
        lineage: leaves('Where data comes from and goes to.'),
        impact: leaves('What will change.'),
        scope: leaves('Permissions used.'),
        labels: leaves('Labels.'),
      }),
    ]),
    pins: list(z.object({ name: z.string(), digest: z.string() }), 'Digests of what the arguments name.'),
    risk: z.object({ level: z.string(), score: z.number(), reasons: list(z.string(), 'Why.') }),
    rules: list(
      z.object({ id: z.string(), version: z.number(), reason: z.string().nullable() }),
      'The rules that asked.',
    ),
    stages: list(stage, 'Who must approve.'),
    missing: list(z.string(), 'What is not shown. Empty: everything is.'),
    noteFor: z.object({ approve: z.boolean(), reject: z.boolean() }),
  })
  .openapi('ReviewContent', { description: 'The part that is approved: `digest` covers it.' })

const progress = z.object({
  status,
  version: z.number(),
  createdAt: time,
  expiresAt: time,
  votes: list(
    z.object({
      by: z.string(),
      decision: z.enum(['approve', 'reject']),
      note: z.string().nullable(),
      at: time,
      counts: z.boolean(),
    }),
    'Votes so far.',
  ),
  open: list(
    z.object({ requirement: z.string(), stage: z.string(), reviewers: z.string(), missing: z.number() }),
    'Stages open now.',
  ),
  similar: list(
    z.object({
      requestId: z.string(),
      status,
      by: z.string().nullable(),
      at: time,
      sameArguments: z.boolean(),
    }),
    'Past decisions on the same kind of call.',
  ),
  waitingBehind: z.number(),
  reminder: z.number(),
  resolution: z.object({ reason: z.string(), by: z.string().nullable() }).nullable(),
  outcome: z.object({ status: z.string(), summary: z.string() }).nullable(),
})

/** What a reviewer sees. */
export const review = z
  .object({
    requestId: z.string(),
    digest: sha256.openapi({
      description: 'SHA-256 over the RFC 8785 JSON of `content`. A vote carries it.',
    }),
    shortDigest: text('Its first 8 digits, for people to compare.', '9f86d081'),
    complete: z.boolean(),
    content,
    progress,
    link: z.string().nullable(),
  })
  .openapi('ReviewDocument', { description: 'What a reviewer sees, complete.' })
