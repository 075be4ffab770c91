import type { Gate } from '@gatewright/core'
import type { ReviewTokens } from './review-token'
import type { ReviewPart } from './ui-message'

/** What a chat shows of a request as it now stands, signed; `null` when there is no such request any more. */
export async function reviewPart(
  gate: Gate,
  tokens: ReviewTokens,
  { requestId, approvalId, toolCallId }: Readonly<Record<'requestId' | 'approvalId' | 'toolCallId', string>>,
): Promise<ReviewPart | null> {
  const review = await gate.requests.review(requestId)
  if (review === null) return null
  const token = tokens.sign({ requestId, digest: review.digest }, toolCallId)
  return { type: 'data-gatewright-review', id: approvalId, data: { approvalId, toolCallId, review, token } }
}
