import type { Recipients } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import { includes } from '../policy/progress'
import { progressOf } from './effective-digest'

/** A stage of a requirement: `[index of the requirement, index of the stage]`. */
export type StageRef = readonly [number, number]

/** Stages that wait for votes now. */
export function openStages(request: ApprovalRequest): readonly StageRef[] {
  return progressOf(request).open.map(({ requirement, stage }) => [requirement, stage] as const)
}

/** Stages that time will escalate, and when: those alone that wait for votes now, for nobody else was kept waiting. */
export function escalationTimes(request: ApprovalRequest): readonly (readonly [StageRef, number])[] {
  const { requirements } = request.policy
  // Nearly no requirement has any, and this is asked at each move.
  if (!requirements.some(({ stages }) => stages.some(({ escalation }) => escalation !== null))) return []
  return openStages(request).flatMap((ref) => {
    const escalation = requirements[ref[0]]?.stages[ref[1]]?.escalation ?? null
    if (escalation === null || includes(request.escalated, ...ref)) return []
    return [[ref, request.stageOpenedAt + escalation.afterMs] as const]
  })
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
