import type { LogEvent } from '../event'
import { numberOf, textOf } from '../verify/meaning/facts'
import type { DecisionGrant } from './decision'
import { namedPerson, shownText } from './read-data'

/** Standing grants as events tell of them. They are few: all are kept. */
export class GrantShelf {
  readonly #grants = new Map<string, DecisionGrant>()

  get all(): readonly DecisionGrant[] {
    return [...this.#grants.values()]
  }

  /** Notes what an event says of a grant. */
  note({ data, time, type }: LogEvent): void {
    const id = textOf(data.grantId)
    if (id === null) return
    const by = namedPerson(data.by)
    const known = this.#grants.get(id)
    if (type === 'grant.created' && known === undefined) {
      this.#grants.set(id, {
        id,
        action: shownText(data.action) ?? '',
        requesterId: shownText(data.requesterId) ?? '',
        givers: by === null ? [] : [by],
        createdAt: time,
        expiresAt: numberOf(data.expiresAt),
        uses: numberOf(data.usesLeft),
        used: 0,
        note: shownText(data.note),
        revoked: null,
      })
      return
    }
    if (known === undefined) return
    if (type === 'grant.endorsed' && by !== null)
      this.#grants.set(id, { ...known, givers: [...known.givers, by] })
    if (type === 'grant.revoked')
      this.#grants.set(id, { ...known, revoked: { at: time, by, reason: shownText(data.reason) } })
  }

  /** The grant that an action rests on; counts a use of it. */
  used(id: string | null, ran: boolean): DecisionGrant | null {
    const grant = id === null ? undefined : this.#grants.get(id)
    if (id === null || grant === undefined) return null
    if (!ran) return grant
    const counted = { ...grant, used: grant.used + 1 }
    this.#grants.set(id, counted)
    return counted
  }
}
