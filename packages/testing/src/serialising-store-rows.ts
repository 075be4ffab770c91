import {
  type ApprovalStore,
  type CanonicalPerson,
  type CredentialLease,
  type DeliveryRow,
  illegalMove,
  type Mark,
  type PersonRef,
  type StandingGrant,
} from '@gatewright/core'
import type { Tables } from './memory-disk'
import { recordLoose } from './serialising-store-outbox'

/** How a method of the store runs: as one transaction, between two points at which the process may die. */
export type Run = <T>(name: string, work: (tables: Tables, now: number) => T) => Promise<T>

type SideRows = Pick<ApprovalStore, 'deliveries' | 'leases' | 'credentials' | 'grants' | 'links' | 'counters'>

interface WindowRow {
  readonly from: number
  readonly hits: number
}

/** The rows beside the requests: none of them bumps a request's version. */
export function sideRows(run: Run, copyOf: <T>(value: T) => T): SideRows {
  return {
    deliveries: {
      put(row) {
        const copy = copyOf(row)
        return run('deliveries.put', (tables) => tables.write('deliveries', copy.id, copy))
      },
      of: (requestId) =>
        run('deliveries.of', (tables) =>
          tables.scan<DeliveryRow>('deliveries', (row) => row.requestId === requestId),
        ),
      due: (limit, after = null) =>
        run('deliveries.due', (tables, now) =>
          tables
            .scan<DeliveryRow>(
              'deliveries',
              (row) =>
                row.nextAttemptAt !== null &&
                row.nextAttemptAt <= now &&
                (after === null || byTime(after, row) < 0),
            )
            .sort(byTime)
            .slice(0, limit),
        ),
    },
    leases: {
      renew: (processId, forMs) =>
        run('leases.renew', (tables, now) => tables.write('leases', processId, now + forMs)),
      release: (processId) => run('leases.release', (tables) => tables.delete('leases', processId)),
      live: (processIds) =>
        run('leases.live', (tables, now) =>
          processIds.filter((id) => (tables.read<number>('leases', id) ?? 0) > now),
        ),
    },
    credentials: {
      put(lease) {
        const copy = copyOf(lease)
        return run('credentials.put', (tables) => tables.write('credentials', copy.id, copy))
      },
      remove: (id) => run('credentials.remove', (tables) => tables.delete('credentials', id)),
      list: (limit) =>
        run('credentials.list', (tables) => tables.scan<CredentialLease>('credentials').slice(0, limit)),
    },
    grants: {
      put(grant, fromVersion, events) {
        const row = copyOf({ grant, events })
        return run('grants.put', (tables) => {
          if (row.grant.version !== fromVersion + 1)
            throw illegalMove(row.grant.id, 'a grant changes to its next version')
          const held = tables.read<StandingGrant>('grants', row.grant.id)
          if ((held?.version ?? 0) !== fromVersion) return false
          tables.write('grants', row.grant.id, row.grant)
          recordLoose(tables, row.events)
          return true
        })
      },
      get: (id) => run('grants.get', (tables) => tables.read<StandingGrant>('grants', id)),
      active: ({ action, requesterId }) =>
        run('grants.active', (tables, now) =>
          tables.scan<StandingGrant>(
            'grants',
            (grant) =>
              isUsable(grant, now) &&
              (action === undefined || grant.action === action) &&
              (requesterId === undefined || grant.requesterId === requesterId),
          ),
        ),
    },
    links: {
      put(identity, person, provenBy) {
        const row = copyOf({ person, provenBy })
        const key = identityKey(identity)
        return run('links.put', (tables) => tables.write('links', key, row))
      },
      get(identity) {
        const key = identityKey(identity)
        return run(
          'links.get',
          (tables) => tables.read<{ person: CanonicalPerson }>('links', key)?.person ?? null,
        )
      },
      remove(identity) {
        const key = identityKey(identity)
        return run('links.remove', (tables) => tables.delete('links', key))
      },
    },
    counters: {
      hit: (key, limit, windowMs) =>
        run('counters.hit', (tables, now) => {
          const stored = tables.read<WindowRow>('windows', key)
          const isOpen = stored !== null && now >= stored.from && now < stored.from + windowMs
          const { from, hits } = isOpen ? stored : { from: now, hits: 0 }
          if (hits >= limit) return { allowed: false, retryAfterMs: from + windowMs - now }
          tables.write('windows', key, { from, hits: hits + 1 })
          return { allowed: true, retryAfterMs: 0 }
        }),
      mark: (key) =>
        run('counters.mark', (tables, now) => {
          const mark = tables.read<Mark>('marks', key)
          return mark !== null && now < mark.until ? mark : null
        }),
    },
  }
}

/** The grant, if a use can be taken from it. */
export function usableGrant(tables: Tables, id: string, now: number): StandingGrant | null {
  const grant = tables.read<StandingGrant>('grants', id)
  return grant !== null && isUsable(grant, now) ? grant : null
}

/** Takes a use. A new version: nobody who read before can write the use back (I3). */
export function writeUse(tables: Tables, grant: StandingGrant): void {
  tables.write('grants', grant.id, { ...grant, usesLeft: grant.usesLeft - 1, version: grant.version + 1 })
}

function byTime(one: DeliveryRow, other: DeliveryRow): number {
  return Number(one.nextAttemptAt) - Number(other.nextAttemptAt) || (one.id < other.id ? -1 : 1)
}

function isUsable({ revoked, expiresAt, usesLeft }: StandingGrant, now: number): boolean {
  return revoked === null && usesLeft > 0 && now < expiresAt
}

function identityKey({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
