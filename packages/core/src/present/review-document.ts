import type { ApprovalRequest } from '../contracts/request'
import type { ReviewDocument, ReviewProgress, SimilarDecision } from '../contracts/review'
import { votesNow } from '../values/votes-now'
import type { LeavesOptions } from './leaves'
import {
  buildReviewContent,
  type DigestedContent,
  digestContent,
  reviewersInWords,
  wordsIn,
} from './review-content'

/** What a document shows beside the request itself. */
export interface ReviewExtras {
  /** Stages open now, by their places in the requirements, and how many approvals each still needs. */
  readonly open: readonly { readonly requirement: number; readonly stage: number; readonly missing: number }[]
  readonly similar: readonly ApprovalRequest[]
  readonly waitingBehind: number
  readonly link: string | null
  /** The content, where it was built already with the same options. */
  readonly built?: DigestedContent
}

/** The document for one channel. Its digest equals the complete document's exactly when nothing is missing. */
export function buildReview(
  request: ApprovalRequest,
  options: LeavesOptions,
  extras: ReviewExtras,
): ReviewDocument {
  const { content, digest } = extras.built ?? digestContent(buildReviewContent(request, options))
  return {
    requestId: request.id,
    digest,
    shortDigest: digest.slice(0, 8),
    complete: content.missing.length === 0,
    content,
    progress: progressOf(request, options, extras),
    link: extras.link,
  }
}

function progressOf(
  request: ApprovalRequest,
  options: LeavesOptions,
  { open, similar, waitingBehind }: ReviewExtras,
): ReviewProgress {
  const words = wordsIn(options)
  const now = votesNow(request)
  const decider = deciderOf(request)
  return {
    status: request.status,
    version: request.version,
    createdAt: request.createdAt,
    expiresAt: request.expiresAt,
    votes: request.votes.map((vote) => ({
      by: words(vote.actor.name),
      decision: vote.decision,
      note: vote.note === null ? null : words(vote.note),
      at: vote.at,
      counts: now.includes(vote),
    })),
    open: open.flatMap(({ requirement, stage, missing }) => {
      const stages = request.policy.requirements[requirement]
      const one = stages?.stages[stage]
      if (stages === undefined || one === undefined) return []
      return [
        {
          requirement: words(stages.id),
          stage: words(one.name),
          reviewers: reviewersInWords(one.reviewers),
          missing,
        },
      ]
    }),
    similar: similar.map((other) => similarDecision(request, other, words)),
    waitingBehind,
    reminder: request.reminders,
    resolution: request.resolution && {
      reason: words(request.resolution.reason),
      by: decider && words(decider),
    },
    outcome: request.outcome && { status: request.outcome.status, summary: request.outcome.summary },
  }
}

/** Who ended a request, by the name they voted under; `null` where nobody did. */
export function deciderOf({ resolution, votes }: ApprovalRequest): string | null {
  const by = resolution?.by ?? null
  if (by === null) return null
  const vote = votes.find(({ person }) => person.issuer === by.issuer && person.subject === by.subject)
  return vote?.actor.name ?? by.subject
}

function similarDecision(
  request: ApprovalRequest,
  other: ApprovalRequest,
  words: (text: string) => string,
): SimilarDecision {
  const last = other.votes.at(-1)
  return {
    requestId: other.id,
    status: other.status,
    by: last === undefined ? null : words(last.actor.name),
    at: other.resolution?.at ?? other.approvedAt ?? other.createdAt,
    sameArguments: other.argumentsDigest === request.argumentsDigest,
  }
}
