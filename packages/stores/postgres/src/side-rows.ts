import type { ApprovalStore, CanonicalPerson, CredentialLease, PersonRef } from '@gatewright/core'
import { texts } from './columns'
import { allDone, createLane } from './lane'
import type { Parts } from './parts'
import { nowMs } from './sql'
import { tokenOf, tokenOfAll } from './text'

type SideRows = Pick<ApprovalStore, 'leases' | 'credentials' | 'links'>

/** Makes the small tables. */
export function createSideRows({ database, rows }: Parts): SideRows {
  const { leases, credentials, links, mark } = database.names
  const time = () => database.clock.given()

  // Asked for each vote, twice: many in one statement.
  const people = createLane<string, CanonicalPerson | null>({
    async run(ids) {
      const found = await database.read({
        name: `gw_links_${mark}`,
        text: `SELECT id, body FROM ${links} WHERE id = ANY($1::text[])`,
        values: [texts([...new Set(ids)])],
      })
      const byId = new Map(found.map((row) => [row.id, row]))
      return allDone(
        ids.map((id) => {
          const row = byId.get(id)
          return row === undefined ? null : rows.open<{ person: CanonicalPerson }>('links', row).person
        }),
      )
    },
  })

  return {
    leases: {
      async renew(processId, forMs) {
        await database.write({
          text: `INSERT INTO ${leases} (id, until) VALUES ($2, ${nowMs(1)} + $3::float8)
            ON CONFLICT (id) DO UPDATE SET until = excluded.until`,
          values: [time(), tokenOf(processId), forMs],
        })
      },
      async release(processId) {
        await database.write({
          text: `DELETE FROM ${leases} WHERE id = $1`,
          values: [tokenOf(processId)],
        })
      },
      async live(processIds) {
        if (processIds.length === 0) return []
        const found = await database.read({
          text: `SELECT id FROM ${leases} WHERE id = ANY($2::text[]) AND until > ${nowMs(1)}`,
          values: [time(), texts(processIds.map(tokenOf))],
        })
        const live = new Set(found.map(({ id }) => id))
        return processIds.filter((id) => live.has(tokenOf(id)))
      },
    },
    credentials: {
      async put(lease) {
        const id = tokenOf(lease.id)
        await database.write({
          text: `INSERT INTO ${credentials} (id, created_at, body) VALUES ($1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, body = excluded.body`,
          values: [id, lease.createdAt, rows.seal('credentials', id, lease)],
        })
      },
      async remove(id) {
        await database.write({
          text: `DELETE FROM ${credentials} WHERE id = $1`,
          values: [tokenOf(id)],
        })
      },
      async list(limit) {
        const found = await database.read({
          text: `SELECT id, body FROM ${credentials} ORDER BY created_at LIMIT $1`,
          values: [limit],
        })
        return found.map((row) => rows.open<CredentialLease>('credentials', row))
      },
    },
    links: {
      async put(identity, person, provenBy) {
        const id = identityToken(identity)
        await database.write({
          text: `INSERT INTO ${links} (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
          values: [id, rows.seal('links', id, { identity, person, provenBy })],
        })
      },
      get: (identity) => people(identityToken(identity)),
      async remove(identity) {
        await database.write({
          text: `DELETE FROM ${links} WHERE id = $1`,
          values: [identityToken(identity)],
        })
      },
    },
  }
}

/** Both parts come from outside, so no separator would be safe. */
function identityToken({ issuer, subject }: PersonRef): string {
  return tokenOfAll([issuer, subject])
}
