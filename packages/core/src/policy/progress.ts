import type { Requirement, Stage } from '../contracts/policy'
import type { Assurance, CanonicalPerson } from '../contracts/principal'
import type { Vote } from '../contracts/request'
import { assuranceProblem, matches, personKey } from './eligibility'

/** Stages, each as `[index of the requirement, index of the stage]`. */
export type StageRefs = readonly (readonly [number, number])[]

/** A stage that waits for votes now. */
export interface OpenStage {
  /** Index of the requirement. */
  readonly requirement: number
  /** Index of the stage in it. */
  readonly stage: number
  /** How many more distinct people must approve. At least 1. */
  readonly missing: number
  /** Whether its escalation reviewers may vote too. */
  readonly escalated: boolean
}

/** How far votes have come. */
export interface Progress {
  /** At most one stage of each requirement. */
  readonly open: readonly OpenStage[]
  /** Every stage of every requirement has its quorum. Without any requirement, nothing is met. */
  readonly met: boolean
}

/** What a vote looks like to the counting. */
export type CountedVote = Pick<Vote, 'decision' | 'person' | 'argumentsDigest' | 'countsIn'>

/**
 * Counts approving votes on exactly these arguments (I2): distinct people, each in one stage of a requirement, the first
 * that their votes state (I4, T05); stages in order, a vote for a stage that was not open when it was cast counting for
 * nothing. More votes than needed still meet (T06), and adding a vote never undoes a quorum.
 *
 * Who was eligible was judged when the vote was cast, and stands in its `countsIn`.
 *
 * @param votes - in the order they were cast
 */
export function progress(
  requirements: readonly Requirement[],
  votes: readonly CountedVote[],
  argumentsDigest: string,
  escalated: StageRefs,
): Progress {
  const open: OpenStage[] = []
  // I1: asking nobody is not the same as having asked.
  let met = requirements.length > 0 && requirements.every(({ stages }) => stages.length > 0)
  for (const [requirement, { stages }] of requirements.entries()) {
    const { stage, missing } = count(stages, requirement, votes, argumentsDigest)
    if (stage >= stages.length) continue
    met = false
    open.push({ requirement, stage, missing, escalated: includes(escalated, requirement, stage) })
  }
  return { open, met }
}

/** Whether a new vote counts, and where; or why not, in words for the voter. */
export type Counting =
  | { readonly status: 'counts'; readonly stages: StageRefs }
  | { readonly status: 'not-eligible' | 'earlier-stage' | 'assurance'; readonly problem: string }

/**
 * In which open stages a new vote by a person counts: at most one of each requirement. Somebody who approved an open
 * stage before counts in it again, without adding to it, so that they may still reject.
 *
 * - `not-eligible`: no stage names the person, nor an escalation that has happened
 * - `earlier-stage`: the stages that name the person are met already, or not open yet, or the person approved an earlier one
 * - `assurance`: a stage names the person, but their sign-in is too weak or too old
 *
 * Does not look at self-approval (I4): the engine compares that before.
 *
 * @param now - when the vote is cast, in milliseconds since the epoch
 */
export function countsIn(
  requirements: readonly Requirement[],
  votes: readonly CountedVote[],
  argumentsDigest: string,
  escalated: StageRefs,
  person: CanonicalPerson,
  assurance: Assurance,
  now: number,
): Counting {
  const stages: [number, number][] = []
  let tooWeak: string | null = null
  let elsewhere: string | null = null
  for (const [index, requirement] of requirements.entries()) {
    const { stage, people } = count(requirement.stages, index, votes, argumentsDigest)
    const approved = people.get(personKey(person))
    const definition = requirement.stages[stage]
    const eligible =
      definition !== undefined && mayVote(definition, includes(escalated, index, stage), person)
    if (!eligible || (approved !== undefined && approved !== stage)) {
      elsewhere ??= otherStage(requirement, index, stage, approved, escalated, person)
      continue
    }
    const problem = assuranceProblem(definition.assurance, assurance, now)
    if (problem === null) stages.push([index, stage])
    else tooWeak ??= problem
  }
  if (stages.length > 0) return { status: 'counts', stages }
  if (tooWeak !== null) return { status: 'assurance', problem: tooWeak }
  if (elsewhere !== null) return { status: 'earlier-stage', problem: elsewhere }
  return { status: 'not-eligible', problem: 'You are not among the reviewers of this request.' }
}

/**
 * Where a rejection by somebody whose vote counted already still counts: in the stages they approved, also once those are
 * complete. Saying no is always the safe move, and whoever said yes may learn better while others are asked. They must
 * still be named, and well enough signed in.
 *
 * @returns an empty list when they approved nothing
 */
export function mayTakeBack(
  requirements: readonly Requirement[],
  votes: readonly CountedVote[],
  argumentsDigest: string,
  escalated: StageRefs,
  person: CanonicalPerson,
  assurance: Assurance,
  now: number,
): StageRefs {
  return requirements.flatMap(({ stages }, index): [number, number][] => {
    const approved = count(stages, index, votes, argumentsDigest).people.get(personKey(person))
    const definition = approved === undefined ? undefined : stages[approved]
    if (approved === undefined || definition === undefined) return []
    if (!mayVote(definition, includes(escalated, index, approved), person)) return []
    return assuranceProblem(definition.assurance, assurance, now) === null ? [[index, approved]] : []
  })
}

/** What one stage needed, and what it got. */
export interface StageTally {
  readonly needed: number
  /** Distinct people who approved; those beyond what was needed counted for nothing. */
  readonly approved: number
}

/** How far each stage of each requirement has come, counted as {@link progress} does. */
export function tally(
  requirements: readonly Requirement[],
  votes: readonly CountedVote[],
  argumentsDigest: string,
): readonly (readonly StageTally[])[] {
  return requirements.map(({ stages }, index) => {
    const people = [...count(stages, index, votes, argumentsDigest).people.values()]
    return stages.map((_, stage) => ({
      needed: needed(stages, stage),
      approved: people.filter((one) => one === stage).length,
    }))
  })
}

interface Count {
  /** The first stage without its quorum; the number of stages when all have theirs. */
  readonly stage: number
  readonly missing: number
  /** In which stage each person counted, by their key. */
  readonly people: ReadonlyMap<string, number>
}

function count(
  stages: readonly Stage[],
  requirement: number,
  votes: readonly CountedVote[],
  digest: string,
): Count {
  const people = new Map<string, number>()
  let stage = 0
  let missing = needed(stages, 0)
  for (const vote of votes) {
    if (vote.decision !== 'approve' || vote.argumentsDigest !== digest) continue
    // I4: the first stage a vote states is the only one it counts in.
    const stated = vote.countsIn.find(([index]) => index === requirement)?.[1]
    const key = personKey(vote.person)
    if (stated !== stage || stage >= stages.length || people.has(key)) continue
    people.set(key, stage)
    missing -= 1
    if (missing > 0) continue
    stage += 1
    missing = needed(stages, stage)
  }
  return { stage, missing, people }
}

/** A quorum below 1 would be met by nobody's vote (I1); one that is no whole number is never met. */
function needed(stages: readonly Stage[], stage: number): number {
  const { atLeast } = stages[stage] ?? { atLeast: 1 }
  return Number.isSafeInteger(atLeast) ? Math.max(1, atLeast) : Number.POSITIVE_INFINITY
}

/** Whether a stage asks a person: those it names, and once it was escalated those of its escalation too. */
export function mayVote(
  { reviewers, escalation }: Stage,
  isEscalated: boolean,
  person: CanonicalPerson,
): boolean {
  return (
    matches(reviewers, person) ||
    (isEscalated && escalation !== null && matches(escalation.reviewers, person))
  )
}

function otherStage(
  { stages }: Requirement,
  requirement: number,
  open: number,
  approved: number | undefined,
  escalated: StageRefs,
  person: CanonicalPerson,
): string | null {
  if (approved !== undefined)
    return 'You approved an earlier stage already. Somebody else must approve this one.'
  const named = stages.findIndex((stage, index) =>
    mayVote(stage, includes(escalated, requirement, index), person),
  )
  if (named === -1) return null
  return named < open
    ? 'The stage you could vote in is complete.'
    : 'An earlier stage must be approved first.'
}

/** Whether a stage is among others. */
export function includes(refs: StageRefs, requirement: number, stage: number): boolean {
  return refs.some(([r, s]) => r === requirement && s === stage)
}
