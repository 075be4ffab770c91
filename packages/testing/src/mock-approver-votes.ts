import type { Principal, Recipients, ReviewDocument, VoteInput } from '@gatewright/core'
import { scriptedEdits } from './mock-approver-edits'
import { mockReviewers } from './mock-approver-reviewers'
import type { Rule } from './mock-approver-rules'

/**
 * The votes that a rule casts on one message, in order. One no is enough to reject and one person edits; what came of an
 * edit is delivered anew, and approved then.
 *
 * @throws Error when the document cannot be edited, and whatever the edit throws
 */
export function scriptedVotes(rule: Rule, review: ReviewDocument, to: Recipients): readonly VoteInput[] {
  const people = rule.by ?? mockReviewers(to)
  const { reaction } = rule
  switch (reaction.type) {
    case 'approve':
      return people.map((actor) => voteOn(review, 'approve', actor, rule.note))
    case 'reject':
      return people
        .slice(0, 1)
        .map((actor) => voteOn(review, 'reject', actor, rule.note ?? unruled(rule, review)))
    case 'edit': {
      if (review.content.edited !== null)
        return people.map((actor) => voteOn(review, 'approve', actor, rule.note))
      const edits = scriptedEdits(reaction.change, review.content)
      return people.slice(0, 1).map((actor) => ({ ...voteOn(review, 'approve', actor, rule.note), edits }))
    }
    case 'ignore':
    case 'unreachable':
      return []
  }
}

/** One vote on what a message shows. */
export function voteOn(
  { requestId, digest }: ReviewDocument,
  decision: 'approve' | 'reject',
  actor: Principal,
  note: string | null,
): VoteInput {
  const vote = { requestId, decision, digest, actor }
  return note === null ? vote : { ...vote, note }
}

function unruled({ isLast }: Rule, { content }: ReviewDocument): string {
  return isLast ? `the mock approver has no rule for ${content.action}` : 'rejected by script'
}
