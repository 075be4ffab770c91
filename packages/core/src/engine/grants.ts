import type { JsonObject } from '../contracts/json'
import type { PolicyRecord, StandingGrant } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import { GatewrightError } from '../errors'
import { samePerson } from '../policy/eligibility'
import { type GrantGiver, type GrantOptions, grantCovers, parseGrantOptions } from '../policy/grants'
import { isPromise } from '../values/is-promise'
import { namedView } from '../values/named-arguments'
import type { Engine } from './engine'
import { type EventDraft, loneEvent, personData } from './events'
import { grantDraft } from './grant-data'
import type { PreparedCall } from './prepare'
import { redactText } from './present'
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
  const view = namedView(prepared.text, prepared.call.action.parameters)
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
  const view = namedView(request.arguments, request.parameters)
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

/** Gives a grant. Who gives it is checked again each time it is used. @throws GatewrightError `ERR_GRANT_INVALID` */
export async function createGrant(
  engine: Engine,
  options: GrantOptions,
  by: Principal,
): Promise<StandingGrant> {
  const parsed = parseGrantOptions(options)
  await assertMayGive(engine, by)
  const now = engine.store.now()
  const grant: StandingGrant = {
    id: engine.newId(),
    version: 1,
    action: parsed.action,
    requesterId: parsed.requesterId ?? engine.settings.requester.id,
    constraints: parsed.constraints,
    givenBy: [{ actor: by, at: now }],
    note: redactText(engine, parsed.note),
    createdAt: now,
    expiresAt: now + parsed.expiresInMs,
    usesLeft: parsed.uses,
    revoked: null,
  }
  await save(engine, grant, 0, grantDraft(engine, 'grant.created', grant, by, { action: options.action }))
  return grant
}

/** One more person gives it. @throws GatewrightError `ERR_GRANT_INVALID` */
export async function endorseGrant(engine: Engine, id: string, by: Principal): Promise<StandingGrant> {
  await assertMayGive(engine, by)
  return change(engine, id, (grant) => {
    if (grant.givenBy.some(({ actor }) => samePerson(actor, by))) throw invalid('you gave it already')
    const next = {
      ...grant,
      version: grant.version + 1,
      givenBy: [...grant.givenBy, { actor: by, at: engine.store.now() }],
    }
    return { next, draft: grantDraft(engine, 'grant.endorsed', next, by) }
  })
}

/** Ends a grant. Requests that rest on it and have not started fall. Anyone verified may: revoking is a safe move. */
export async function revokeGrant(
  engine: Engine,
  id: string,
  by: Principal,
  note: string,
): Promise<StandingGrant> {
  if (by?.type !== 'human') throw invalid('only people can revoke it')
  return change(engine, id, (grant) => {
    const revoked = { by: personData(by), at: engine.store.now(), note: redactText(engine, note) }
    const next = { ...grant, version: grant.version + 1, revoked }
    return { next, draft: grantDraft(engine, 'grant.revoked', next, by, { reason: revoked.note }) }
  })
}

async function assertMayGive(engine: Engine, by: Principal): Promise<void> {
  // I5, T02: agents and services give nothing.
  if (by?.type !== 'human') throw invalid('only people can give it')
  const { owner } = engine.settings.requester
  const { person, owning } = await lookUp(engine, by, owner)
  if (person === null) throw invalid('the directory does not know you')
  // I4: nobody pre-approves the calls of an agent they answer for.
  if (owner !== null && (samePerson(owner, by) || (owning !== null && samePerson(owning, person))))
    throw invalid('you own the agent')
}

async function lookUp({ identities, logger }: Engine, by: Principal, owner: Principal | null) {
  try {
    const person = await identities.person(by)
    return { person, owning: owner && ((await identities.person(owner)) ?? owner) }
  } catch (error) {
    logger.warn('whoever gave a standing grant could not be identified; it was refused', { error })
    throw invalid('who you are could not be checked just now. Try again')
  }
}

async function change(
  engine: Engine,
  id: string,
  make: (grant: StandingGrant) => { readonly next: StandingGrant; readonly draft: EventDraft },
): Promise<StandingGrant> {
  for (;;) {
    const grant = await storeCall(() => engine.store.grants.get(id))
    if (grant === null) throw invalid('there is no such grant')
    if (grant.revoked !== null) throw invalid('it was revoked')
    const { next, draft } = make(grant)
    if (await save(engine, next, grant.version, draft)) return next
  }
}

async function save(
  engine: Engine,
  grant: StandingGrant,
  fromVersion: number,
  draft: EventDraft,
): Promise<boolean> {
  const event = loneEvent(engine, draft)
  const saved = await storeCall(() => engine.store.grants.put(grant, fromVersion, [event]))
  if (!saved) return false
  engine.publisher.recorded([event], 'alone')
  engine.emit([event], null)
  return true
}

function invalid(problem: string): GatewrightError {
  return new GatewrightError('ERR_GRANT_INVALID', `the standing grant was not changed: ${problem}.`)
}
