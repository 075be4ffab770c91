import { numberOf, objectOf, personOf, textOf } from './facts'
import type { CreatedFacts } from './request-facts'
import type { StatedRequirement } from './requirement'
import { type LoggedEvent, lateness, type Tell } from './told'

interface Grant {
  readonly action: string | null
  readonly requesterId: string | null
  readonly expiresAt: number
  readonly uses: number
  readonly givers: Set<string>
  used: number
  lastUse: LoggedEvent | null
  revokedAt: number | null
}

type Use = Pick<CreatedFacts, 'action' | 'requesterId' | 'requirements' | 'excluded' | 'grantId'>

/** Standing grants, and the runs that rest on them. Grants are few: they are kept, uses are not. */
export class GrantBook {
  readonly #grants = new Map<string, Grant>()
  readonly #tell: Tell
  /** Uses of grants that were not met yet: their event may stand further down, or in another log. */
  readonly #waiting: { readonly use: Use; readonly about: LoggedEvent }[] = []

  constructor(tell: Tell) {
    this.#tell = tell
  }

  /** Notes what an event says of a grant. */
  note(about: LoggedEvent): void {
    const { data, time, type } = about.event
    const id = textOf(data.grantId)
    const giver = personOf(data.by)
    if (id === null || giver === null) {
      this.#tell('error', 'event-malformed', 'a grant does not say what every grant says', about)
      return
    }
    if (objectOf(data.by).type !== 'human')
      this.#tell(
        'error',
        'grant-givers',
        'a grant was given, endorsed or revoked by something that is no person',
        about,
      )
    const grant = this.#grants.get(id)
    if (type === 'grant.created') {
      if (grant === undefined) this.#grants.set(id, made(data, giver))
      return
    }
    if (grant === undefined) return
    if (type === 'grant.endorsed') grant.givers.add(giver)
    if (type === 'grant.revoked') {
      grant.revokedAt = time
      if (grant.lastUse !== null) this.#judgeRevoked(grant, grant.lastUse)
    }
  }

  /** Judges a run that rests on a grant. */
  use(use: Use, about: LoggedEvent): void {
    const grant = this.#grants.get(use.grantId ?? '')
    if (grant === undefined) this.#waiting.push({ use, about })
    else this.#judge(grant, use, about)
  }

  /** All logs were read: what no event gave was never given. */
  finish(): void {
    for (const { use, about } of this.#waiting.splice(0)) {
      const grant = this.#grants.get(use.grantId ?? '')
      if (grant === undefined)
        this.#tell('error', 'grant-unknown', 'it ran on a standing grant that is in none of the logs', about)
      else this.#judge(grant, use, about)
    }
  }

  #judge(grant: Grant, use: Use, about: LoggedEvent): void {
    const tell = this.#tell
    grant.used += 1
    grant.lastUse = about
    if (grant.used > grant.uses)
      tell('error', 'grant-used-up', 'it ran on a standing grant whose uses were spent', about)
    if (grant.action !== use.action || grant.requesterId !== use.requesterId)
      tell('error', 'grant-mismatch', 'it ran on a standing grant for another action or another agent', about)
    const late = lateness(about.event.time, grant.expiresAt)
    if (late !== null) tell(late, 'grant-expired', 'it ran on a standing grant that had expired', about)
    this.#judgeRevoked(grant, about)
    const givers = [...grant.givers].filter((giver) => !use.excluded.includes(giver)).length
    if (use.requirements.some((requirement) => givers < peopleFor(requirement)))
      tell('error', 'grant-givers', 'it ran on a standing grant that too few people had given', about)
  }

  #judgeRevoked({ revokedAt }: Grant, about: LoggedEvent): void {
    if (revokedAt === null) return
    const late = lateness(about.event.time, revokedAt)
    if (late !== null)
      this.#tell(late, 'grant-revoked', 'it ran on a standing grant that had been revoked', about)
  }
}

function made(data: LoggedEvent['event']['data'], giver: string): Grant {
  return {
    action: textOf(data.action),
    requesterId: textOf(data.requesterId),
    expiresAt: numberOf(data.expiresAt) ?? 0,
    uses: numberOf(data.usesLeft) ?? 0,
    givers: new Set([giver]),
    used: 0,
    lastUse: null,
    revokedAt: null,
  }
}

/** Each person counts in one stage only. */
function peopleFor({ stages }: StatedRequirement): number {
  return stages.reduce((sum, { atLeast }) => sum + atLeast, 0)
}
