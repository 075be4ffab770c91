import type { JsonObject } from '../contracts/json'
import type { PolicyRecord, StandingGrant } from '../contracts/policy'
import type { ApprovalRequest } from '../contracts/request'
import { type GrantGiver, grantCovers } from '../policy/grants'
import { isPromise } from '../values/is-promise'
import { grantView } from '../values/named-arguments'
import type { Engine } from './engine'
import type { PreparedCall } from './prepare'
import { storeCall } from './store-call'

/** A grant that stands in for the votes a call would need, if there is one (T26). */
export async function findGrant(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
): Promise<StandingGrant | null> {
  if (!record.requirements.every(({ grantable }) => grantable)) return null
  const { requester, onBehalfOf } = prepared.input
  const action = prepared.call.action.name
  const finding = storeCall(() => engine.store.grants.active({ action, requesterId: requester.id }))
  const candidates = isPromise(finding) ? await finding : finding
  if (candidates.length === 0) return null
  const view = grantView(prepared.text, prepared.call.action.parameters)
  for (const grant of candidates) {
    const call = { action, requester, onBehalfOf, requirements: record.requirements, view }
    if (await covers(engine, grant, call)) return grant
  }
  return null
}

/** Fails closed: a grant whose givers cannot be looked up covers nothing, and people are asked. */
async function covers(engine: Engine, grant: StandingGrant, call: Covered): Promise<boolean> {
  try {
    return (await coverageProblem(engine, grant, call)) === null
  } catch (error) {
    engine.logger.warn(`the standing grant ${grant.id} could not be checked; people are asked instead`, {
      error,
    })
    return false
  }
}

/** Whether the grant a request rests on covers it still; why not, in words, when it does not. */
export async function grantStillCovers(engine: Engine, request: ApprovalRequest): Promise<string | null> {
  const grant =
    request.grantId === null ? null : await storeCall(() => engine.store.grants.get(request.grantId ?? ''))
  if (grant === null) return 'the standing grant is gone'
  const { action, requester, onBehalfOf, policy } = request
  const view = grantView(request.arguments, request.parameters)
  const reason = await coverageProblem(engine, grant, {
    action,
    requester,
    onBehalfOf,
    requirements: policy.requirements,
    view,
  })
  return reason === null ? null : `the standing grant no longer covers it: ${reason}`
}

interface Covered extends Pick<ApprovalRequest, 'action' | 'requester' | 'onBehalfOf'> {
  readonly requirements: PolicyRecord['requirements']
  readonly view: JsonObject
}

async function coverageProblem(engine: Engine, grant: StandingGrant, call: Covered): Promise<string | null> {
  const excluded = await engine.identities.excluded(call)
  const givers: GrantGiver[] = []
  for (const { actor, at } of grant.givenBy) {
    const person = await engine.identities.person(actor)
    if (person !== null) givers.push({ person, assurance: actor.assurance, givenAt: at })
  }
  const { action, requester, requirements, view } = call
  const coverage = grantCovers(grant, {
    action,
    requesterId: requester.id,
    view,
    requirements,
    givers,
    excluded,
    now: engine.store.now(),
  })
  return coverage.covers ? null : coverage.reason
}
