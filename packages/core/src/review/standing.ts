import type { CanonicalPerson, PersonRef, Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import type { Engine } from '../engine/engine'
import { GatewrightError } from '../errors'
import { isAmong, personKey } from '../policy/eligibility'
import { includes, mayVote } from '../policy/progress'

/**
 * What somebody is to a request: `reviewer`, named by one of its stages, or by an escalation that has happened; `own`, who
 * answers for the agent or whom it acts for, so that they may see it and never vote (I4); `none`, who must not learn that it
 * exists (T04).
 */
export type Standing = 'reviewer' | 'own' | 'none'

/** What people are to requests, for a page that lists them. Says nothing of the sign-in's strength: the vote is judged by itself. */
export interface Standings {
  /**
   * One answer for each request, in their order. Agents and services are nobody's reviewers.
   *
   * @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE` when a link or the directory cannot be read: then nothing may be shown
   */
  of(requests: readonly ApprovalRequest[], actor: Principal): Promise<readonly Standing[]>
}

/** Makes the standings of one gate. */
export function createStandings(engine: Engine): Standings {
  return {
    async of(requests, actor) {
      try {
        return await standingsOf(engine, requests, actor)
      } catch (cause) {
        throw new GatewrightError(
          'ERR_IDENTITY_UNAVAILABLE',
          'who somebody is could not be checked, so nothing is shown to them. Try again once the directory and the store answer.',
          { cause },
        )
      }
    },
  }
}

async function standingsOf(
  engine: Engine,
  requests: readonly ApprovalRequest[],
  actor: Principal,
): Promise<readonly Standing[]> {
  const person = actor.type === 'human' ? await engine.identities.person(actor) : null
  if (person === null) return requests.map(() => 'none')
  const owners = new Map<string, Promise<readonly PersonRef[]>>()
  return Promise.all(
    requests.map(async (request) => {
      if (isAmong(person, await ownersOf(engine, request, owners))) return 'own'
      return isNamed(request, person) ? 'reviewer' : 'none'
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
