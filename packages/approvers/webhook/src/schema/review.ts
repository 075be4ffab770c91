import type { ReviewContent, ReviewDocument, ReviewLeaf, ReviewProgress } from '@gatewright/core'
import { REQUEST_STATUSES } from '@gatewright/core/review'
import { z } from 'zod'
import { time, words } from './registry'

/** How a request stands. */
export const requestStatus = z.enum(REQUEST_STATUSES).register(words, { id: 'RequestStatus' })

const decision = z.enum(['approve', 'reject'])
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const leaf: z.ZodType<ReviewLeaf> = z
  .object({
    path: z.string().register(words, { description: 'JSON Pointer (RFC 6901)' }),
    type: z.string(),
    text: z.string().register(words, {
      description:
        'Inert text: hidden characters are visible escapes, secrets are gone. Escape your own markup.',
    }),
    marks: z.array(z.enum(['redacted', 'truncated', 'escaped', 'mixed-script'])),
    omitted: z.number().int().nonnegative().register(words, { description: 'Characters that are not shown' }),
  })
  .register(words, { id: 'ReviewLeaf' })
const leaves = z.array(leaf)

const context: z.ZodType<ReviewContent['context']> = z.union([
  z.object({ status: z.literal('none') }),
  z.object({ status: z.literal('unavailable'), reason: z.string() }),
  z.object({
    status: z.literal('available'),
    resource: leaves,
    lineage: leaves,
    impact: leaves,
    scope: leaves,
    labels: leaves,
  }),
])

const content: z.ZodType<ReviewContent> = z
  .object({
    format: z.literal(1),
    requestId: z.string(),
    action: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    argumentsDigest: z.string(),
    requester: z.object({ id: z.string(), name: z.string(), owner: z.string().nullable() }),
    onBehalfOf: z.string().nullable(),
    intent: z
      .object({ label: z.literal('the agent says'), leaf })
      .nullable()
      .register(words, {
        description: 'What the agent says about itself. Show it under exactly this label.',
      }),
    arguments: leaves.register(words, {
      description: 'Every argument of the call that would run. Show all.',
    }),
    edited: z
      .object({
        by: z.string(),
        changes: z.array(
          z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
        ),
      })
      .nullable(),
    context,
    pins: z.array(z.object({ name: z.string(), digest: z.string() })),
    risk: z.object({ level: z.string(), score: z.number(), reasons: z.array(z.string()) }),
    rules: z.array(z.object({ id: z.string(), version: z.number(), reason: z.string().nullable() })),
    stages: z.array(
      z.object({
        requirement: z.string(),
        stage: z.string(),
        reviewers: z.string(),
        atLeast: z.number().int(),
        assurance: z.string().nullable(),
      }),
    ),
    missing: z
      .array(z.string())
      .register(words, { description: 'What is not shown, in words. Show this too.' }),
    noteFor: z
      .object({ approve: z.boolean(), reject: z.boolean() })
      .register(words, { description: 'Which decisions need a note' }),
  })
  .register(words, { id: 'ReviewContent' })

const progress: z.ZodType<ReviewProgress> = z
  .object({
    status: requestStatus,
    version: z
      .number()
      .int()
      .register(words, { description: 'Grows with every change: an older one never replaces a newer one.' }),
    createdAt: time,
    expiresAt: time,
    votes: z.array(
      z.object({
        by: z.string(),
        decision,
        note: z.string().nullable(),
        at: time,
        counts: z.boolean(),
      }),
    ),
    open: z.array(
      z.object({
        requirement: z.string(),
        stage: z.string(),
        reviewers: z.string(),
        missing: z.number().int(),
      }),
    ),
    similar: z.array(
      z.object({
        requestId: z.string(),
        status: requestStatus,
        by: z.string().nullable(),
        at: time,
        sameArguments: z.boolean(),
      }),
    ),
    waitingBehind: z.number().int(),
    reminder: z.number().int(),
    resolution: z.object({ reason: z.string(), by: z.string().nullable() }).nullable(),
    outcome: z.object({ status: z.string(), summary: z.string() }).nullable(),
  })
  .register(words, { id: 'ReviewProgress' })

/** The review document, as core gives it. */
export const review: z.ZodType<ReviewDocument> = z
  .object({
    requestId: z.string(),
    digest: sha256,
    shortDigest: z.string(),
    complete: z.boolean(),
    content,
    progress,
    link: z.string().nullable(),
  })
  .register(words, { id: 'ReviewDocument' })
