import type { CanonicalPerson, PersonRef, Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { Engine } from '../engine/engine'
import { isAmong, personKey } from '../policy/eligibility'
import { includes, mayVote } from '../policy/progress'
import { identified, personOf } from './identified'

/**
 * What somebody is to a request: `reviewer`, named by one of its stages, or by an escalation that has happened; `own`, who
 * answers for the agent or whom it acts for, so that they may see it and never vote (I4); `viewer`, who is none of these and
 * sees every request; `none`, who must not learn that it exists (T04).
 */
export type Standing = 'reviewer' | 'own' | 'viewer' | 'none'

/** What people are to requests, for a page that lists them. Says nothing of the sign-in's strength: the vote is judged by itself. */
export interface Standings {
  /**
   * One answer for each request, in their order. Agents and services are nobody's reviewers.
   *
   * @param viewers - groups whose members see every request. @default none
   * @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE` when a link or the directory cannot be read: then nothing may be shown
   */
  of(
    requests: readonly ApprovalRequest[],
    actor: Principal,
    viewers?: readonly string[],
  ): Promise<readonly Standing[]>
  /**
   * Whether the person behind an actor is in one of these groups, by the directory where there is one. Nobody else is.
   *
   * @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE`
   */
  isMember(actor: Principal, groups: readonly string[]): Promise<boolean>
}

/** Makes the standings of one gate. */
export function createStandings(engine: Engine): Standings {
  return {
    of: (requests, actor, viewers = []) => identified(standingsOf(engine, requests, actor, viewers)),
    isMember: (actor, groups) =>
      identified(personOf(engine, actor).then((person) => person !== null && isIn(person, groups))),
  }
}

function isIn({ groups }: CanonicalPerson, named: readonly string[]): boolean {
  return groups.some((group) => named.includes(group))
}

async function standingsOf(
  engine: Engine,
  requests: readonly ApprovalRequest[],
  actor: Principal,
  viewers: readonly string[],
): Promise<readonly Standing[]> {
  const person = await personOf(engine, actor)
  if (person === null) return requests.map(() => 'none')
  const otherwise = isIn(person, viewers) ? 'viewer' : 'none'
  const owners = new Map<string, Promise<readonly PersonRef[]>>()
  return Promise.all(
    requests.map(async (request) => {
      if (isAmong(person, await ownersOf(engine, request, owners))) return 'own'
      return isNamed(request, person) ? 'reviewer' : otherwise
    }),
  )
}

/** A thousand requests of one agent ask the directory once. */
function ownersOf(
  engine: Engine,
  request: ApprovalRequest,
  known: Map<string, Promise<readonly PersonRef[]>>,
): Promise<readonly PersonRef[]> {
  const { requester, onBehalfOf } = request
  const key = [requester.owner, onBehalfOf].map((one) => (one === null ? '' : personKey(one))).join('\n')
  const before = known.get(key)
  if (before !== undefined) return before
  const excluding = Promise.resolve(engine.identities.excluded(request))
  known.set(key, excluding)
  return excluding
}

function isNamed({ policy, escalated }: ApprovalRequest, person: CanonicalPerson): boolean {
  return policy.requirements.some(({ stages }, requirement) =>
    stages.some((stage, index) => mayVote(stage, includes(escalated, requirement, index), person)),
  )
}
