import type { Recipients } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import { includes, progress } from '../policy/progress'
import { effectiveDigest } from './effective-digest'

/** A stage of a requirement: `[index of the requirement, index of the stage]`. */
export type StageRef = readonly [number, number]

/** Stages that wait for votes now. */
export function openStages(request: ApprovalRequest): readonly StageRef[] {
  const { policy, votes, escalated } = request
  return progress(policy.requirements, votes, effectiveDigest(request), escalated).open.map(
    ({ requirement, stage }) => [requirement, stage] as const,
  )
}

/** Whom a message asks, and what for. */
export function recipients(
  request: ApprovalRequest,
  stages: readonly StageRef[],
  purpose: Recipients['purpose'],
): Recipients {
  const named = stages.flatMap(([r, s]) => {
    const requirement = request.policy.requirements[r]
    const stage = requirement?.stages[s]
    if (requirement === undefined || stage === undefined) return []
    const escalated = stage.escalation !== null && includes(request.escalated, r, s)
    const reviewers = escalated
      ? ({ type: 'anyOf', of: [stage.reviewers, stage.escalation.reviewers] } as const)
      : stage.reviewers
    return [{ requirement: requirement.id, stage: stage.name, reviewers, atLeast: stage.atLeast }]
  })
  return { stages: named, purpose }
}
