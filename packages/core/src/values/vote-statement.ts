import type { PersonRef } from '../contracts/principal'
import { canonicalize } from './canonical'

/** What one vote says, for a reviewer's own key to sign. */
export interface VoteStatementFields {
  readonly requestId: string
  readonly decision: 'approve' | 'reject'
  readonly argumentsDigest: string
  readonly reviewDigest: string
  readonly person: PersonRef
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The text that a passkey signs for a vote: canonical JSON (RFC 8785), versioned, and good for nothing else. */
export function voteStatement({
  requestId,
  decision,
  argumentsDigest,
  reviewDigest,
  person,
  at,
}: VoteStatementFields): string {
  const { issuer, subject } = person
  return canonicalize({
    type: 'gatewright vote v1',
    requestId,
    decision,
    argumentsDigest,
    reviewDigest,
    person: { issuer, subject },
    at,
  })
}
