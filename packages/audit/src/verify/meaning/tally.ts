import type { StatedRequirement } from './requirement'

/** An approving vote, as far as counting goes. */
export interface Ballot {
  readonly voteId: string
  /** The canonical person, as one text. */
  readonly person: string
  readonly argumentsDigest: string
  readonly stages: readonly (readonly [number, number])[]
}

/** What a ballot did to a count. */
export type Counted = 'counted' | 'repeated' | 'wrong-stage'

/**
 * Counts approvals of one set of arguments against requirements: stages in order, distinct people, each in one stage of a
 * requirement.
 */
export class Tally {
  readonly #requirements: readonly StatedRequirement[]
  readonly #digest: string
  /** For each requirement, the people who counted, and how many of them in the open stage. */
  readonly #counts: { stage: number; inStage: number; readonly people: Set<string> }[]

  constructor(requirements: readonly StatedRequirement[], digest: string, ballots: readonly Ballot[] = []) {
    this.#requirements = requirements
    this.#digest = digest
    this.#counts = requirements.map(() => ({ stage: 0, inStage: 0, people: new Set() }))
    for (const ballot of ballots) this.add(ballot)
  }

  /** Counts a ballot, unless it is on other arguments. `wrong-stage`: a stage that it states was not open, or is none. */
  add({ argumentsDigest, person, stages }: Ballot): Counted {
    if (argumentsDigest !== this.#digest) return 'wrong-stage'
    let result: Counted = 'wrong-stage'
    const seen = new Set<number>()
    for (const [requirement, stage] of stages) {
      const count = this.#counts[requirement]
      const wanted = this.#requirements[requirement]?.stages[stage]
      // One vote counts in one stage of a requirement only.
      if (count === undefined || wanted === undefined || count.stage !== stage || seen.has(requirement))
        return 'wrong-stage'
      seen.add(requirement)
      if (count.people.has(person)) {
        if (result === 'wrong-stage') result = 'repeated'
        continue
      }
      result = 'counted'
      count.people.add(person)
      count.inStage += 1
      if (count.inStage < wanted.atLeast) continue
      count.stage += 1
      count.inStage = 0
    }
    return result
  }

  /** For each stage of each requirement: how many people it needs, and how many approved. */
  get quorum(): readonly (readonly (readonly [number, number])[])[] {
    return this.#requirements.map(({ stages }, index) => {
      const { stage, inStage } = this.#counts[index] ?? { stage: 0, inStage: 0 }
      return stages.map(({ atLeast }, at) => [atLeast, at < stage ? atLeast : at === stage ? inStage : 0])
    })
  }

  /** Whether every stage of every requirement has its quorum. Nothing required is nothing met. */
  get met(): boolean {
    return (
      this.#requirements.length > 0 &&
      this.#requirements.every(({ stages }, index) => (this.#counts[index]?.stage ?? 0) >= stages.length)
    )
  }
}
