import type { ReviewerSelector, Stage } from '../contracts/policy'
import type { PersonRef } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { matches, personKey, samePerson } from '../policy/eligibility'
import { includes, progress } from '../policy/progress'
import { inTime } from '../values/deadline'
import { effectiveDigest } from './effective-digest'
import type { Engine } from './engine'
import { isEscalated } from './lifecycle'

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
  const { open } = progress(
    request.policy.requirements,
    request.votes,
    effectiveDigest(request),
    request.escalated,
  )
  for (const { requirement, stage, missing } of open) {
    const definition = request.policy.requirements[requirement]?.stages[stage]
    if (definition === undefined) continue
    const asking = rows.filter(({ stages }) => includes(stages, requirement, stage))
    if (asking.length === 0 || asking.some(({ status }) => status === 'sending' || status === 'folded'))
      continue
    const escalated = isEscalated(request, requirement, stage)
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
  const selectors =
    escalated && stage.escalation !== null ? [stage.reviewers, stage.escalation.reviewers] : [stage.reviewers]
  if (delivered.some(({ reached }) => reached === 'everyone'))
    return countEveryone(engine, request, selectors)
  const refs = delivered.flatMap(({ reached }) => (reached === 'everyone' ? [] : reached))
  const excluded = await engine.identities.excluded(request)
  const people = new Set<string>()
  for (const ref of refs) {
    const person = await engine.identities.person(ref)
    if (person === null || excluded.some((other) => samePerson(other, person)) || hasVoted(request, person))
      continue
    // Without a directory nobody can tell a group's members; whoever was reached is taken at the approver's word.
    if (engine.identities.directory === null || selectors.some((selector) => matches(selector, person)))
      people.add(personKey(person))
  }
  return people.size
}

/** People of the selectors who have not voted, where the directory can list them; else as many as needed. */
async function countEveryone(
  engine: Engine,
  request: ApprovalRequest,
  selectors: readonly ReviewerSelector[],
): Promise<number> {
  const { directory } = engine.identities
  if (directory?.members === undefined) return Number.POSITIVE_INFINITY
  const excluded = await engine.identities.excluded(request)
  const people = new Set<string>()
  for (const selector of selectors) {
    for (const person of await membersOf(engine, selector)) {
      if (!excluded.some((other) => samePerson(other, person)) && !hasVoted(request, person))
        people.add(personKey(person))
    }
  }
  return people.size
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

function hasVoted(request: ApprovalRequest, person: PersonRef): boolean {
  const digest = effectiveDigest(request)
  return request.votes.some((vote) => vote.argumentsDigest === digest && samePerson(vote.person, person))
}
