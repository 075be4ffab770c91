import type { RequestStatus, VoteRefusal } from '@gatewright/core'
import { z } from 'zod'
import { words } from './registry'
import { requestStatus } from './review'

/** What a receiver is answered. `message` is for the person who decided. Nothing but `counted` changed anything. */
export type WebhookAnswer =
  | {
      readonly status: 'counted' | 'already-counted' | 'too-late'
      readonly requestStatus: RequestStatus
      readonly message: string
    }
  | {
      readonly status: 'refused'
      readonly reason: VoteRefusal
      readonly message: string
      /** Where the person can sign in and confirm, or see everything. */
      readonly link?: string | undefined
      /** Where the person can say once who they are. For that person alone. */
      readonly invitation?: string | undefined
    }
  | {
      /** `invalid`: sending the same again does not help. `unavailable`: it may. */
      readonly status: 'invalid' | 'unavailable'
      readonly message: string
    }

const reasons = [
  'not-found',
  'not-human',
  'own-request',
  'assurance',
  'digest',
  'incomplete-view',
  'note-needed',
  'earlier-stage',
  'identity-unavailable',
  'edit-invalid',
  'edit-denied',
  'edit-unsupported',
] as const satisfies readonly VoteRefusal[]

/** What is answered. */
export const answer: z.ZodType<WebhookAnswer> = z.union([
  z.object({
    status: z.enum(['counted', 'already-counted', 'too-late']),
    requestStatus,
    message: z.string(),
  }),
  z.object({
    status: z.literal('refused'),
    reason: z.enum(reasons),
    message: z.string(),
    link: z
      .string()
      .optional()
      .register(words, { description: 'Where the person can sign in and confirm, or see everything' }),
    invitation: z
      .string()
      .optional()
      .register(words, { description: 'Where the person can say once who they are. For that person alone.' }),
  }),
  z.object({ status: z.enum(['invalid', 'unavailable']), message: z.string() }),
])
