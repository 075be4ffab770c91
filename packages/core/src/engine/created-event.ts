import type { ApprovalRequest } from '../contracts/request'
import type { ReviewContent } from '../contracts/review'
import { callData, requirementData } from './call-data'
import type { Engine } from './engine'
import { type EventDraft, personData } from './events'

/** What the log says when a request begins: who asks, what exactly, by which rule, and who must agree. */
export function createdEvent(engine: Engine, request: ApprovalRequest, content: ReviewContent): EventDraft {
  const call = callData(engine, request, content.arguments)
  return {
    type: 'request.created',
    personal: request.presentation.personal,
    data: {
      action: call.action,
      arguments: call.arguments,
      argumentsDigest: call.argumentsDigest,
      attempt: request.attempt,
      basis: request.basis,
      // An approval that a retry carries over stands on these votes, cast on the earlier attempt.
      carriedVotes: request.votes.map((vote) => ({ by: personData(vote.person), voteId: vote.id })),
      context: call.context,
      expiresAt: request.expiresAt,
      grantId: request.grantId,
      intent: call.intent,
      keyed: request.key !== null,
      onBehalfOf: call.onBehalfOf,
      origin: call.origin,
      pins: request.pins && Object.entries(request.pins),
      policyHash: call.policyHash,
      requester: call.requester,
      requirements: requirementData(request.policy),
      retryOf: request.retryOf,
      reviewDigest: request.reviewDigest,
      risk: call.risk,
      rules: call.rules,
      status: request.status,
      useBefore: request.useBefore,
    },
  }
}
