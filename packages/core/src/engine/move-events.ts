import type { AuditEventType } from '../contracts/audit'
import type { Json, JsonObject } from '../contracts/json'
import type { ApprovalRequest, Outcome } from '../contracts/request'
import { tally } from '../policy/progress'
import { votesNow } from '../values/votes-now'
import { requirementData } from './call-data'
import { effectiveDigest } from './effective-digest'
import { actorData, type EventDraft, personData } from './events'
import type { Move } from './lifecycle'

/** What a move tells the log. `request` is the request after the move. Keys stand in RFC 8785 order. */
export function moveEvent(request: ApprovalRequest, move: Move): EventDraft {
  switch (move.type) {
    case 'vote':
      return {
        type: 'request.vote-cast',
        data: voteData(move),
        personal: request.presentation.personal,
      }
    case 'edit':
      return {
        type: 'request.edited',
        data: {
          argumentsDigest: move.edited.digest,
          by: personData(move.edited.by),
          policyHash: request.policy.hash,
          proposedDigest: request.argumentsDigest,
          requirements: requirementData(request.policy),
          reviewDigest: request.reviewDigest,
        },
      }
    case 'approve':
      return {
        type: 'request.approved',
        data: {
          argumentsDigest: effectiveDigest(request),
          basis: move.basis,
          policyHash: request.policy.hash,
          quorum: quorumData(request),
          useBefore: request.useBefore ?? 0,
        },
      }
    case 'reject':
      return { type: 'request.rejected', data: { by: personData(move.by), reason: move.reason } }
    case 'expire':
      return { type: 'request.expired', data: { expiresAt: request.expiresAt } }
    case 'cancel':
      return { type: 'request.cancelled', data: { by: move.by && personData(move.by), reason: move.reason } }
    case 'undeliver':
      return { type: 'request.undeliverable', data: { reason: move.reason } }
    case 'remind':
      return { type: 'request.reminded', data: { reminder: request.reminders } }
    case 'escalate':
      return {
        type: 'request.escalated',
        data: { reason: move.reason, stages: move.stages.map((stage) => [...stage]) },
      }
    case 'lapse':
      return { type: 'request.lapsed', data: { useBefore: request.useBefore } }
    case 'invalidate':
      return { type: 'request.invalidated', data: { reason: move.reason } }
    case 'start':
      return {
        type: 'execution.started',
        data: {
          action: request.action,
          argumentsDigest: effectiveDigest(request),
          basis: move.execution.basis,
          fencingToken: move.execution.fencingToken,
          grantId: move.execution.grantId,
          processId: move.execution.processId,
        },
      }
    case 'finish':
    case 'lateOutcome':
      return {
        type: move.type === 'finish' ? outcomeType(move.outcome) : 'execution.late-outcome',
        data: outcomeData(move.outcome, request.execution?.fencingToken ?? null),
      }
    case 'reconcile':
      return { type: 'execution.reconciled', data: { by: personData(move.by), note: move.note } }
  }
}

/** The log's word for how a run ended. */
export function outcomeType(outcome: Outcome): AuditEventType {
  return `execution.${outcome.status}`
}

/** A run's end, for the log: digests and redacted words, never the result. */
export function outcomeData(outcome: Outcome, fencingToken: string | null): JsonObject {
  return {
    durationMs: outcome.durationMs,
    fencingToken,
    redacted: outcome.redacted,
    resultDigest: outcome.resultDigest,
    status: outcome.status,
    summary: outcome.summary,
  }
}

function voteData({ excluded, vote, stageOpened }: Extract<Move, { type: 'vote' }>): JsonObject {
  return {
    actor: actorData(vote.actor),
    argumentsDigest: vote.argumentsDigest,
    changes: vote.changes?.map(({ path, before, after }) => ({ after, before, path })) ?? null,
    channel: vote.channel,
    countsIn: vote.countsIn.map((stage) => [...stage]),
    decision: vote.decision,
    excluded: excluded.map(personData),
    note: vote.note,
    person: personData(vote.person),
    proof: vote.proof ?? null,
    reviewDigest: vote.reviewDigest,
    stageOpened,
    voteId: vote.id,
  }
}

/** For each stage of each requirement: how many distinct people were needed, and how many approved. */
function quorumData(request: ApprovalRequest): Json {
  return tally(request.policy.requirements, votesNow(request), effectiveDigest(request)).map((stages) =>
    stages.map(({ needed, approved }) => [needed, approved]),
  )
}
