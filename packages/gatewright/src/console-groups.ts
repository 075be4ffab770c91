import type { GateOptions, ReviewersOption } from '@gatewright/core'

/**
 * The groups that the gate's default requirement names: those that the person at the program's own terminal counts as a
 * member of, when the program says nothing of approvers.
 */
export function groupsNamed({
  requirement,
  reviewers,
}: Pick<GateOptions, 'requirement' | 'reviewers'>): string[] {
  const { stages = [], reviewers: own } = requirement ?? {}
  const all = [reviewers, own, ...stages.map((stage) => stage.reviewers)]
  return [...new Set(all.flatMap((one) => (one === undefined ? [] : groupsOf(one))))]
}

function groupsOf(reviewers: ReviewersOption): readonly string[] {
  if (reviewers.type === 'group') return [reviewers.name]
  return reviewers.type === 'anyOf' ? reviewers.of.flatMap(groupsOf) : []
}
