import type { StandingGrant } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { Engine } from '../engine/engine'
import { type EventDraft, loneEvent, personData } from '../engine/events'
import { redactText } from '../engine/present'
import { storeCall } from '../engine/store-call'
import { GatewrightError } from '../errors'
import { samePerson } from '../policy/eligibility'
import { type GrantOptions, parseGrantOptions } from '../policy/grant-options'
import { grantDraft } from './grant-data'

/** Bounded pre-approvals, given by people. All but `list` throw `ERR_GRANT_INVALID` for those who may not. */
export interface StandingGrants {
  create(options: GrantOptions, by: Principal): Promise<StandingGrant>
  /** One more person gives it, for requirements that want several. */
  endorse(grantId: string, by: Principal): Promise<StandingGrant>
  /** Ends it; requests that rest on it and have not started fall. */
  revoke(grantId: string, by: Principal, note: string): Promise<StandingGrant>
  /** Those that still cover calls. */
  list(filter?: {
    readonly action?: string
    readonly requesterId?: string
  }): Promise<readonly StandingGrant[]>
}

/** Makes the grants of one gate. */
export function createStandingGrants(engine: Engine, ready: () => Promise<void> | null): StandingGrants {
  async function whenReady<T>(work: () => Promise<T>): Promise<T> {
    await ready()
    return work()
  }
  return {
    create: (options, by) => whenReady(() => createGrant(engine, options, by)),
    endorse: (id, by) => whenReady(() => endorseGrant(engine, id, by)),
    revoke: (id, by, note) => whenReady(() => revokeGrant(engine, id, by, note)),
    list: async (filter = {}) => storeCall(() => engine.store.grants.active(filter)),
  }
}

/** Gives a grant. Who gives it is checked again each time it is used. @throws GatewrightError `ERR_GRANT_INVALID` */
async function createGrant(engine: Engine, options: GrantOptions, by: Principal): Promise<StandingGrant> {
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
async function endorseGrant(engine: Engine, id: string, by: Principal): Promise<StandingGrant> {
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
async function revokeGrant(engine: Engine, id: string, by: Principal, note: string): Promise<StandingGrant> {
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
