import type { LogEvent } from '../../event'
import { digestOf, listOf, numberOf, objectOf, personOf, stagesOf, textOf } from './facts'
import { requirementsOf, type StatedRequirement } from './requirement'

/** What `request.created` states. */
export interface CreatedFacts {
  readonly action: string
  readonly argumentsDigest: string
  readonly basis: string | null
  readonly status: 'pending' | 'approved'
  readonly requirements: readonly StatedRequirement[]
  readonly rules: unknown
  readonly policyHash: string
  readonly reviewDigest: string
  readonly expiresAt: number
  readonly useBefore: number | null
  readonly grantId: string | null
  readonly requesterId: string | null
  readonly onBehalfOf: string | null
  /** Those who may not vote: the agent's owner, and whom it acts for. */
  readonly excluded: readonly string[]
  readonly carriedVotes: readonly string[]
  readonly retryOf: string | null
}

/** Reads `request.created`; `null` when it lacks what every request has. */
export function createdFacts({ data }: LogEvent): CreatedFacts | null {
  const requirements = requirementsOf(data.requirements)
  const action = textOf(data.action)
  const argumentsDigest = digestOf(data.argumentsDigest)
  const policyHash = digestOf(data.policyHash)
  const reviewDigest = digestOf(data.reviewDigest)
  const expiresAt = numberOf(data.expiresAt)
  const { status } = data
  if (requirements === null || action === null || argumentsDigest === null || expiresAt === null) return null
  if (policyHash === null || reviewDigest === null || (status !== 'pending' && status !== 'approved'))
    return null
  return {
    action,
    argumentsDigest,
    basis: textOf(data.basis),
    status,
    requirements,
    rules: data.rules,
    policyHash,
    reviewDigest,
    expiresAt,
    useBefore: numberOf(data.useBefore),
    grantId: textOf(data.grantId),
    requesterId: textOf(objectOf(data.requester).id),
    onBehalfOf: personOf(data.onBehalfOf),
    excluded: excludedBy(data),
    carriedVotes: listOf(data.carriedVotes).map((vote) => textOf(objectOf(vote).voteId) ?? ''),
    retryOf: textOf(data.retryOf),
  }
}

/** Who may not decide on a call, by what its first event states: the agent's owner, and whom it acts for. */
export function excludedBy(data: LogEvent['data']): readonly string[] {
  return [objectOf(data.requester).owner, data.onBehalfOf].flatMap((one) => personOf(one) ?? [])
}

/** What `request.vote-cast` states. */
export interface VoteFacts {
  readonly voteId: string
  readonly decision: 'approve' | 'reject'
  readonly actor: Readonly<Record<string, unknown>>
  /** Issuer and subject of the identity that voted, and of the canonical person behind it. */
  readonly identity: string
  readonly person: string
  /** Whom the voter was compared with when the vote was cast. */
  readonly excluded: readonly string[]
  readonly argumentsDigest: string
  readonly reviewDigest: string | null
  readonly stages: readonly (readonly [number, number])[]
  readonly note: string | null
}

/** Reads `request.vote-cast`; `null` when it lacks what every vote has. */
export function voteFacts({ data }: LogEvent): VoteFacts | null {
  const { decision } = data
  const voteId = textOf(data.voteId)
  const identity = personOf(data.actor)
  const person = personOf(data.person)
  const argumentsDigest = digestOf(data.argumentsDigest)
  const stages = stagesOf(data.countsIn)
  if (voteId === null || identity === null || person === null || argumentsDigest === null) return null
  if (stages === null || (decision !== 'approve' && decision !== 'reject')) return null
  return {
    voteId,
    decision,
    actor: objectOf(data.actor),
    identity,
    person,
    excluded: listOf(data.excluded).flatMap((one) => personOf(one) ?? []),
    argumentsDigest,
    reviewDigest: textOf(data.reviewDigest),
    stages,
    note: noteOf(data.note),
  }
}

/** What `request.edited` states. */
export interface EditFacts {
  readonly digest: string
  readonly reviewDigest: string
  readonly policyHash: string
  readonly editor: string
  readonly requirements: readonly StatedRequirement[]
}

/** Reads `request.edited`; `null` when it lacks what every edit has. */
export function editFacts({ data }: LogEvent): EditFacts | null {
  const digest = digestOf(data.argumentsDigest)
  const reviewDigest = digestOf(data.reviewDigest)
  const policyHash = digestOf(data.policyHash)
  const editor = personOf(data.by)
  const requirements = requirementsOf(data.requirements)
  if (digest === null || reviewDigest === null || policyHash === null) return null
  return editor === null || requirements === null
    ? null
    : { digest, reviewDigest, policyHash, editor, requirements }
}

/** A note that was committed is one all the same. */
function noteOf(note: unknown): string | null {
  return textOf(note) ?? textOf(objectOf(note).hmac)
}
