import type { Json } from '@gatewright/core'
import { z } from '@hono/zod-openapi'
import { sha256, text } from './common-schema'
import { summary } from './request-schema'

const words = (most: number, description: string, example?: string) =>
  z
    .string()
    .min(1)
    .max(most)
    .openapi({ description, ...(example === undefined ? {} : { example }) })

const named = z
  .unknown()
  .refine(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'is an object of named arguments',
  )
  .openapi({
    type: 'object',
    additionalProperties: true,
    description:
      'The named arguments, as people should see them and as they will run. Kept as RFC 8785 JSON. Integers beyond ±(2^53 − 1) are refused: send them as text.',
    example: { table: 'customers', rows: 1200 },
  })

/** What a program asks for. The agent, its owner and the person it acts for come from its key (T03). */
export const ask = z
  .strictObject({
    action: words(200, 'The action, dotted and lower case.', 'data.export'),
    arguments: named,
    argumentsDigest: sha256.optional().openapi({
      description:
        'SHA-256 over the RFC 8785 JSON of `[arguments]`, by your own reckoning: another than ours is refused.',
    }),
    callId: words(500, 'One call of the run. It, or `Idempotency-Key`, is needed.', 'call_0').optional(),
    runId: words(500, 'One run of the agent: providers reuse call ids.', 'run-2026-11-26-1').optional(),
    intent: words(10_000, 'What the agent says it is doing. Shown as its words.').optional(),
    model: words(200, 'What the agent says it runs on.').optional(),
    traceparent: words(200, 'W3C trace context.').optional(),
    retry: z.boolean().optional().openapi({
      description: 'After a failed attempt under the same key: ask for the next one.',
      default: false,
    }),
  })
  .openapi('Ask')

export const askHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'is 1 to 255 visible ASCII characters')
    .optional()
    .openapi({
      description:
        'Names the call: the same key asks once, however often it is sent. Needed unless the body has `callId`.',
      example: 'deploy-4711',
    }),
})

const lease = z.number().int().min(5).max(600).optional().openapi({
  description: 'Seconds without a sign of life after which the run counts as cut off.',
  default: 30,
  example: 30,
})

export const claim = z
  .strictObject({
    argumentsDigest: sha256.openapi({
      description: '`argumentsDigest` of the request: what you are about to run.',
    }),
    claimId: words(
      200,
      'Made up by the program, once for each run: the same one gets the same claim again, should the answer be lost.',
      'worker-7/4711',
    ),
    lease,
  })
  .openapi('Claim')

export const claimed = z
  .object({
    requestId: z.string(),
    action: z.string(),
    arguments: z.custom<Json>().openapi({
      type: 'object',
      additionalProperties: true,
      description: 'What was approved, edits included. Run exactly this.',
    }),
    argumentsDigest: sha256,
    fencingToken: text('The licence to run, once. Keep it secret: whoever holds it tells the outcome.'),
    leaseMs: z.number().openapi({ description: 'Send a sign of life more often than this. Milliseconds.' }),
  })
  .openapi('Claimed')

const fencingToken = words(200, 'From the claim.')

export const heartbeat = z.strictObject({ fencingToken, lease }).openapi('Heartbeat')

export const beaten = z.object({ leaseMs: z.number() }).openapi('Lease')

export const outcome = z
  .strictObject({
    fencingToken,
    status: z.enum(['succeeded', 'failed']),
    summary: z.string().max(10_000).optional().openapi({
      description: 'A short description for people: redacted, and cut to 2,000 characters.',
      example: '1200 rows',
    }),
    resultDigest: sha256.optional().openapi({ description: 'SHA-256 of the RFC 8785 JSON of the result.' }),
  })
  .openapi('ToldOutcome')

export const cancel = z
  .strictObject({ reason: words(2_000, 'Why.', 'The run was stopped.').optional() })
  .openapi('Cancel')

/** A request after something was done to it. */
export const changed = z.object({ request: summary })
