import { createHash } from 'node:crypto'
import {
  type ApproverHost,
  canonicalize,
  type Json,
  type Recipients,
  type ReviewDocument,
} from '@gatewright/core'
import type { OutboundMessage } from '@gatewright/outbound'
import type { WebhookDecisionOffer, WebhookPayload, WebhookType } from './schema/payload'

const TYPES: Readonly<Record<Recipients['purpose'], WebhookType>> = {
  ask: 'approval.requested',
  remind: 'approval.reminded',
  escalate: 'approval.escalated',
}

/** Where decisions of one approver go, and who may use its tokens. */
export interface Desk {
  readonly url: string
  readonly audience: string
}

/** Who may use a token: the receiver of this approver, and no other one (T20). Its URL may hold a secret. */
export function audienceOf(name: string, receiver: string): string {
  return `webhook:${name}:${sha256(receiver).slice(0, 32)}`
}

/** The message that asks. Its id is the delivery's: whoever gets it twice keeps it once (T51). */
export function askingMessage(
  host: ApproverHost,
  desk: Desk,
  review: ReviewDocument,
  recipients: Recipients,
  deliveryId: string,
): OutboundMessage {
  return message(messageId(deliveryId), {
    type: TYPES[recipients.purpose],
    timestamp: new Date(host.clock.now()).toISOString(),
    version: 1,
    data: { deliveryId, recipients, review, decision: offer(host, desk, review) },
  })
}

/** The message that says how things stand now: one for each state, however often it is sent. */
export function updatingMessage(
  host: ApproverHost,
  desk: Desk,
  review: ReviewDocument,
  deliveryId: string,
): OutboundMessage {
  const state = sha256(canonicalize({ digest: review.digest, progress: review.progress } as unknown as Json))
  return message(`${messageId(deliveryId)}_${state.slice(0, 32)}`, {
    type: 'approval.updated',
    timestamp: new Date(host.clock.now()).toISOString(),
    version: 1,
    data: { deliveryId, recipients: null, review, decision: offer(host, desk, review) },
  })
}

/** What can be decided; `null` once nothing can (T34). */
function offer(host: ApproverHost, desk: Desk, review: ReviewDocument): WebhookDecisionOffer | null {
  const { requestId, digest, complete, progress } = review
  if (progress.status !== 'pending') return null
  const { expiresAt } = progress
  return {
    url: desk.url,
    token: host.seal({ requestId, digest, audience: desk.audience, expiresAt }),
    expiresAt,
    // T13: what is cut is approved in the full view.
    offers: complete ? ['approve', 'reject'] : ['reject'],
  }
}

function message(id: string, payload: WebhookPayload): OutboundMessage {
  return { id, body: JSON.stringify(payload) }
}

/** Standard Webhooks takes no full stop in an id. */
function messageId(deliveryId: string): string {
  return /^[\w-]{1,160}$/.test(deliveryId) ? deliveryId : sha256(deliveryId)
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
