import type { ReviewerSelector, Stage } from '../contracts/policy'
import type { PersonRef } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { isAmong, matches, personKey } from '../policy/eligibility'
import { includes } from '../policy/progress'
import { inTime } from '../values/deadline'
import { votesNow } from '../values/votes-now'
import { progressOf } from './effective-digest'
import type { Engine } from './engine'

/** A stage that cannot be met by anybody who was reached. */
export interface LostStage {
  readonly stage: readonly [number, number]
  readonly name: string
  readonly canEscalate: boolean
}

/**
 * Open stages that fewer reachable eligible people could approve than they still need (T55). Stages with an attempt to
 * come are not judged yet.
 */
export async function unreachableStages(
  engine: Engine,
  request: ApprovalRequest,
  rows: readonly DeliveryRow[],
): Promise<readonly LostStage[]> {
  const lost: LostStage[] = []
  for (const { requirement, stage, missing, escalated } of progressOf(request).open) {
    const definition = request.policy.requirements[requirement]?.stages[stage]
    if (definition === undefined) continue
    const asking = rows.filter(({ stages }) => includes(stages, requirement, stage))
    if (asking.length === 0 || asking.some(({ status }) => status === 'sending' || status === 'folded'))
      continue
    const reachable = await countReachable(engine, request, definition, escalated, asking)
    if (reachable >= missing) continue
    lost.push({
      stage: [requirement, stage],
      name: definition.name,
      canEscalate: definition.escalation !== null && !escalated,
    })
  }
  return lost
}

async function countReachable(
  engine: Engine,
  request: ApprovalRequest,
  stage: Stage,
  escalated: boolean,
  rows: readonly DeliveryRow[],
): Promise<number> {
  const delivered = rows.filter(({ status }) => status === 'delivered')
  const selector: ReviewerSelector =
    escalated && stage.escalation !== null
      ? { type: 'anyOf', of: [stage.reviewers, stage.escalation.reviewers] }
      : stage.reviewers
  const refs = delivered.flatMap(({ reached }) => (reached === 'everyone' ? [] : reached))
  const everyone = delivered.some(({ reached }) => reached === 'everyone')
  // Where the directory cannot list them, there are as many as needed.
  if (everyone && engine.identities.directory?.members === undefined) return Number.POSITIVE_INFINITY
  const people = await (everyone ? membersOf(engine, selector) : namedBy(engine, selector, refs))
  const voters = votesNow(request).map((vote) => vote.person)
  const others = [...(await engine.identities.excluded(request)), ...voters]
  return new Set(people.filter((person) => !isAmong(person, others)).map(personKey)).size
}

/** Those of the people who were reached whom the stage names. */
async function namedBy(
  { identities }: Engine,
  selector: ReviewerSelector,
  refs: readonly PersonRef[],
): Promise<readonly PersonRef[]> {
  const named: PersonRef[] = []
  for (const ref of refs) {
    const person = await identities.person(ref)
    // Without a directory nobody can tell a group's members; whoever was reached is taken at the approver's word.
    if (person !== null && (identities.directory === null || matches(selector, person))) named.push(person)
  }
  return named
}

async function membersOf(engine: Engine, selector: ReviewerSelector): Promise<readonly PersonRef[]> {
  if (selector.type === 'person') return [selector]
  if (selector.type === 'anyOf')
    return (await Promise.all(selector.of.map((one) => membersOf(engine, one)))).flat()
  const { directory } = engine.identities
  const listing = directory?.members?.(selector.name)
  if (listing === undefined) return []
  return inTime(engine, listing, 'the directory')
}
