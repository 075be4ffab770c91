import type { ArgumentEdit, Json } from '@gatewright/core'
import { z } from 'zod'
import { text, words } from './registry'

/** What a receiver posts: what was decided, and by whom. */
export interface WebhookDecision {
  readonly version: 1
  /** A {@link WebhookStatement} as JSON text. Its SHA-256 stands in the identity token, so its very bytes matter. */
  readonly statement: string
  /** The deciding person's own signed token (a JWT), bound to the statement. */
  readonly identity: string
}

/** What one person decided. */
export interface WebhookStatement {
  /** `data.decision.token` of the message that the person was shown. */
  readonly token: string
  readonly decision: 'approve' | 'reject'
  /** At most 4,000 characters. */
  readonly note?: string | undefined
  /** With `approve`: what should be different in the arguments. At most 1,000. */
  readonly edits?: readonly ArgumentEdit[] | undefined
}

/** Whatever JSON can say: the body was parsed from it, and the gate judges it by the action's schema. */
const json = z.custom<Json>()

const edit: z.ZodType<ArgumentEdit> = z
  .union([
    z.strictObject({ path: z.string(), value: json }),
    z.strictObject({ path: z.string(), remove: z.literal(true) }),
  ])
  .register(words, { id: 'ArgumentEdit', description: 'One change, by JSON Pointer (RFC 6901)' })

/** What is posted. Nothing but this (T08). */
export const decision: z.ZodType<WebhookDecision> = z.strictObject({
  version: z.literal(1),
  statement: text.register(words, {
    description: 'A statement as JSON text. The identity token holds the SHA-256 of these very bytes.',
  }),
  identity: text.max(16_384).register(words, {
    description: 'The deciding person’s own signed token (a JWT in compact form)',
  }),
})

/** What a person decided. Nothing but this (T08). */
export const statement: z.ZodType<WebhookStatement> = z
  .strictObject({
    token: text.max(4_000),
    decision: z.enum(['approve', 'reject']),
    note: z.string().max(4_000).optional(),
    edits: z.array(edit).min(1).max(1_000).optional(),
  })
  .refine((value) => value.edits === undefined || value.decision === 'approve', {
    path: ['edits'],
    error: 'edits go with an approval',
  })
