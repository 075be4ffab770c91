import type { AssuranceRequirement } from '../contracts/policy'
import type { CanonicalPerson, Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import { effectiveDigest, progressOf } from '../engine/effective-digest'
import type { Engine } from '../engine/engine'
import { samePerson } from '../policy/eligibility'
import { countsIn, mayTakeBack, mayVote } from '../policy/progress'
import { votesNow } from '../values/votes-now'
import { identified, personOf } from './identified'

/**
 * What a vote by somebody would come to now, so that a page offers what would count. It binds nothing: the vote itself is
 * judged anew, and self-approval (I4) by the vote alone; ask {@link Standings} whether somebody may see a request.
 */
export interface Ballot {
  /**
   * `counts`; `voted`, they approved this already; `assurance`, their sign-in is too weak or too old; `elsewhere`, their
   * stage is complete or not open yet; `over`, it is decided; `none`, nobody asks them.
   */
  readonly approval: 'counts' | 'voted' | 'assurance' | 'elsewhere' | 'over' | 'none'
  /** Whether a rejection would count: also by somebody who approved, as long as it waits. */
  readonly mayReject: boolean
  /** Why an approval would not count, in words for the person. */
  readonly problem: string | null
  /** All that the open stages ask of this person's sign-in together; `null` for nothing. */
  readonly assurance: AssuranceRequirement | null
}

/** Looks ahead at votes. */
export interface Ballots {
  /**
   * One answer for each request, in their order.
   *
   * @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE` when a link or the directory cannot be read
   */
  of(requests: readonly ApprovalRequest[], actor: Principal): Promise<readonly Ballot[]>
}

/** Makes the ballots of one gate. */
export function createBallots(engine: Engine): Ballots {
  return {
    async of(requests, actor) {
      const person = await identified(personOf(engine, actor))
      return requests.map((request) => ballotOf(request, actor, person, engine.store.now()))
    },
  }
}

function ballotOf(
  request: ApprovalRequest,
  { assurance }: Principal,
  person: CanonicalPerson | null,
  now: number,
): Ballot {
  const none = { approval: 'none', mayReject: false, problem: null, assurance: null } as const
  if (person === null) return none
  if (request.status !== 'pending') return { ...none, approval: 'over' }
  const digest = effectiveDigest(request)
  const { requirements } = request.policy
  const votes = votesNow(request)
  const asked = [requirements, votes, digest, request.escalated, person, assurance, now] as const
  const counting = countsIn(...asked)
  const mayReject = counting.status === 'counts' || mayTakeBack(...asked).length > 0
  const needed = together(request, person)
  const approved = votes.some((vote) => vote.decision === 'approve' && samePerson(vote.person, person))
  if (approved) return { approval: 'voted', mayReject, problem: null, assurance: needed }
  switch (counting.status) {
    case 'counts':
      return { approval: 'counts', mayReject, problem: null, assurance: needed }
    case 'assurance':
      return { approval: 'assurance', mayReject, problem: counting.problem, assurance: needed }
    case 'earlier-stage':
      return { approval: 'elsewhere', mayReject, problem: counting.problem, assurance: needed }
    case 'not-eligible':
      return { ...none, problem: counting.problem }
  }
}

/** One sign-in that suits every open stage: where no class suits all of them, those of the first. */
function together(request: ApprovalRequest, person: CanonicalPerson): AssuranceRequirement | null {
  let all: AssuranceRequirement | null = null
  for (const { requirement, stage, escalated } of progressOf(request).open) {
    const definition = request.policy.requirements[requirement]?.stages[stage]
    if (!definition?.assurance || !mayVote(definition, escalated, person)) continue
    all = all === null ? definition.assurance : bothOf(all, definition.assurance)
  }
  return all
}

function bothOf(one: AssuranceRequirement, other: AssuranceRequirement): AssuranceRequirement {
  const ages = [one.maxAgeMs, other.maxAgeMs].filter((age) => age !== undefined)
  const shared = one.acr?.filter((acr) => other.acr === undefined || other.acr.includes(acr)) ?? []
  const acr = shared.length > 0 ? shared : (one.acr ?? other.acr)
  return {
    ...(one.sso || other.sso ? { sso: true } : {}),
    ...(ages.length === 0 ? {} : { maxAgeMs: Math.min(...ages) }),
    ...(acr === undefined ? {} : { acr }),
  }
}
