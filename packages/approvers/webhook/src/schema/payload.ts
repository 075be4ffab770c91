import type { Recipients, ReviewDocument, ReviewerSelector } from '@gatewright/core'
import { z } from 'zod'
import { text, time, words } from './registry'
import { review } from './review'

/** What happened. */
export type WebhookType =
  | 'approval.requested'
  | 'approval.reminded'
  | 'approval.escalated'
  | 'approval.updated'

/** How a decision is sent back. */
export interface WebhookDecisionOffer {
  /** Where decisions are posted. */
  readonly url: string
  /** What a statement has to hold: says which request and which document, is good for this receiver, and until `expiresAt`. */
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** `approve` is missing when the document is not complete: the full view is at `review.link`. */
  readonly offers: readonly ('approve' | 'reject')[]
}

/** The body of a message to a receiver. */
export interface WebhookPayload {
  readonly type: WebhookType
  /** ISO 8601: when the message was made. */
  readonly timestamp: string
  readonly version: 1
  readonly data: {
    /** One message to people: what comes later under the same id replaces it. */
    readonly deliveryId: string
    /** Whom it is for; `null` with `approval.updated`: those who got the message. */
    readonly recipients: Recipients | null
    readonly review: ReviewDocument
    /** `null`: nothing can be decided any more. */
    readonly decision: WebhookDecisionOffer | null
  }
}

const selector: z.ZodType<ReviewerSelector> = z
  .lazy(() =>
    z.union([
      z.object({ type: z.literal('group'), name: z.string() }),
      z.object({ type: z.literal('person'), issuer: z.string(), subject: z.string() }),
      z.object({ type: z.literal('anyOf'), of: z.array(selector) }),
    ]),
  )
  .register(words, { id: 'ReviewerSelector' })

const recipients: z.ZodType<Recipients> = z
  .object({
    stages: z.array(
      z.object({
        requirement: z.string(),
        stage: z.string(),
        reviewers: selector,
        atLeast: z.number().int(),
      }),
    ),
    purpose: z.enum(['ask', 'remind', 'escalate']),
  })
  .register(words, { id: 'Recipients' })

const offer: z.ZodType<WebhookDecisionOffer> = z
  .object({
    url: text,
    token: text.register(words, { description: 'Put into the statement as it is.' }),
    expiresAt: time,
    offers: z.array(z.enum(['approve', 'reject'])).register(words, {
      description: 'What may be decided here. Without "approve", send people to review.link instead.',
    }),
  })
  .register(words, { id: 'DecisionOffer' })

/** What receivers get. */
export const payload: z.ZodType<WebhookPayload> = z.object({
  type: z.enum(['approval.requested', 'approval.reminded', 'approval.escalated', 'approval.updated']),
  timestamp: z.string().register(words, { format: 'date-time', description: 'When the message was made' }),
  version: z.literal(1),
  data: z.object({
    deliveryId: text.register(words, {
      description: 'One message to people: what comes later under the same id replaces it.',
    }),
    recipients: recipients.nullable(),
    review,
    decision: offer.nullable(),
  }),
})
