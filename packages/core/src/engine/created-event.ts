import type { Json, JsonObject } from '../contracts/json'
import type { ApprovalRequest } from '../contracts/request'
import type { ReviewContent } from '../contracts/review'
import { sha256Hex } from '../values/digest'
import type { Engine } from './engine'
import { actorData, type EventDraft, personData } from './events'
import { byPath, redactText } from './present'

/** What the log says when a request begins: who asks, what exactly, by which rule, and who must agree. */
export function createdEvent(engine: Engine, request: ApprovalRequest, content: ReviewContent): EventDraft {
  return {
    type: 'request.created',
    data: {
      ...callData(engine, request, byPath(content.arguments)),
      // T43: keys of the arguments can be secrets too, so the log tells kinds of calls apart by a digest.
      argumentShape: sha256Hex(request.argumentShape),
      attempt: request.attempt,
      basis: request.basis,
      expiresAt: request.expiresAt,
      grantId: request.grantId,
      keyed: request.key !== null,
      pins: request.pins,
      requirements: request.policy.requirements as unknown as Json,
      retryOf: request.retryOf,
      reviewDigest: request.reviewDigest,
      status: request.status,
      useBefore: request.useBefore,
      // An approval that a retry carries over stands on these votes, cast on the earlier attempt.
      carriedVotes: request.votes.map((vote) => ({ by: personData(vote.person), voteId: vote.id })),
    },
  }
}

/** The part of an event that says what was called, by whom, and what policy made of it. */
export function callData(
  engine: Engine,
  request: Pick<
    ApprovalRequest,
    | 'action'
    | 'argumentsDigest'
    | 'requester'
    | 'onBehalfOf'
    | 'intent'
    | 'origin'
    | 'context'
    | 'risk'
    | 'policy'
  >,
  shown: JsonObject,
): JsonObject {
  const { action, argumentsDigest, context, intent, onBehalfOf, origin, policy, requester, risk } = request
  return {
    action,
    arguments: shown,
    argumentsDigest,
    context:
      context &&
      (context.status === 'available'
        ? { digest: context.digest, status: 'available' }
        : { reason: context.reason, status: 'unavailable' }),
    intent: intent && redactText(engine, intent),
    onBehalfOf: onBehalfOf && actorData(onBehalfOf),
    origin: { ...origin },
    policyHash: policy.hash,
    requester: {
      id: requester.id,
      name: requester.name,
      owner: requester.owner && actorData(requester.owner),
    },
    risk: {
      failed: [...risk.failed],
      level: risk.level,
      reasons: risk.reasons.map((reason) => redactText(engine, reason)),
      score: risk.score,
    },
    rules: policy.rules.map((rule) => ({
      effect: rule.effect,
      failed: rule.failed ?? false,
      id: rule.id,
      reason: rule.reason === undefined ? null : redactText(engine, rule.reason),
      version: rule.version,
    })),
  }
}
