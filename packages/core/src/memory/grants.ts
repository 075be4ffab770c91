import type { AuditEvent } from '../contracts/audit'
import type { StandingGrant } from '../contracts/policy'
import type { ApprovalStore } from '../contracts/store'
import { freezeJson } from './freeze'
import { illegalMove } from './legality'
import type { Open } from './open'

/** Standing grants, changed by compare-and-set. */
export interface Grants {
  readonly rows: ApprovalStore['grants']
  /** The grant, if a use can be taken from it. */
  usable(id: string, now: number): StandingGrant | null
  /** Takes a use, as part of a move. A new version: nobody who read before can write the use back (I3). */
  use(grant: StandingGrant): void
}

/** Makes an empty table of grants. `record` takes the events of a grant that is put. */
export function createGrants(open: Open, record: (events: readonly AuditEvent[]) => void): Grants {
  const grants = new Map<string, StandingGrant>()

  return {
    usable(id, now) {
      const grant = grants.get(id)
      return grant !== undefined && isUsable(grant, now) ? grant : null
    },
    use(grant) {
      const used = { ...grant, usesLeft: grant.usesLeft - 1, version: grant.version + 1 }
      grants.set(grant.id, freezeJson(used))
    },
    rows: {
      put(grant, fromVersion, events) {
        open()
        if (grant.version !== fromVersion + 1)
          throw illegalMove(grant.id, 'a grant changes to its next version')
        if ((grants.get(grant.id)?.version ?? 0) !== fromVersion) return false
        record(events)
        grants.set(grant.id, freezeJson(grant))
        return true
      },
      get(id) {
        open()
        return grants.get(id) ?? null
      },
      active({ action, requesterId }) {
        const now = open()
        return [...grants.values()].filter(
          (grant) =>
            isUsable(grant, now) &&
            (action === undefined || grant.action === action) &&
            (requesterId === undefined || grant.requesterId === requesterId),
        )
      },
    },
  }
}

function isUsable({ revoked, expiresAt, usesLeft }: StandingGrant, now: number): boolean {
  return revoked === null && usesLeft > 0 && now < expiresAt
}
