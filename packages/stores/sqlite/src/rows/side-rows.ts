import type {
  ApprovalStore,
  CanonicalPerson,
  CredentialLease,
  DeliveryRow,
  PersonRef,
} from '@gatewright/core'
import { fromColumn, toColumn } from '../database/column-text'
import type { Row } from '../database/connection'
import type { Parts } from './parts'
import { prepareAll } from './statements'

const TEXTS = {
  // Rows of requests that are not there are not kept: nobody would ever delete them.
  putDelivery: `INSERT OR REPLACE INTO deliveries (id, request, due_at, doc)
    SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM requests WHERE id = ?2)`,
  renew: 'INSERT OR REPLACE INTO leases (process, ends_at) VALUES (?, ?)',
  release: 'DELETE FROM leases WHERE process = ?',
  purgeLeases: 'DELETE FROM leases WHERE ends_at < ?',
  putCredential: 'INSERT OR REPLACE INTO credentials (id, doc) VALUES (?, ?)',
  removeCredential: 'DELETE FROM credentials WHERE id = ?',
  putLink: 'INSERT OR REPLACE INTO links (id, doc) VALUES (?, ?)',
  removeLink: 'DELETE FROM links WHERE id = ?',
}

/** A lease that ended this long ago tells nothing that a missing one does not. */
const LEASE_KEPT_MS = 86_400_000

type SideRows = Pick<ApprovalStore, 'deliveries' | 'leases' | 'credentials' | 'links'>

/** The rows beside the requests: none of them bumps a request's version. */
export async function createSideRows({ vault, database, read, write }: Parts): Promise<SideRows> {
  const sql = await prepareAll(database, TEXTS)
  const deliveryOf = ([id, doc]: Row): DeliveryRow => vault.open('deliveries', [String(id)], doc)

  return {
    deliveries: {
      async put(row) {
        const id = toColumn(row.id)
        const due = row.status === 'sending' ? row.nextAttemptAt : null
        const parameters = [id, toColumn(row.requestId), due, vault.seal('deliveries', [id], row)]
        await write(() => sql.putDelivery.run(parameters))
      },
      of: (requestId) =>
        read((queries) =>
          queries
            .all('SELECT id, doc FROM deliveries WHERE request = ?', [toColumn(requestId)])
            .map(deliveryOf),
        ),
      due: (limit) =>
        read((queries, now) =>
          queries
            .all('SELECT id, doc FROM deliveries WHERE due_at <= ? ORDER BY due_at LIMIT ?', [now, limit])
            .map(deliveryOf),
        ),
    },
    leases: {
      async renew(processId, forMs) {
        const process = toColumn(processId)
        await write(({ now }) => {
          sql.renew.run([process, now + forMs])
          sql.purgeLeases.run([now - LEASE_KEPT_MS])
        })
      },
      async release(processId) {
        const process = toColumn(processId)
        await write(() => sql.release.run([process]))
      },
      live: (processIds) =>
        read((queries, now) => {
          const text =
            'SELECT process FROM leases WHERE ends_at > ? AND process IN (SELECT value FROM json_each(?))'
          const rows = queries.all(text, [now, JSON.stringify(processIds.map(toColumn))])
          return rows.map(([process]) => fromColumn(String(process)))
        }),
    },
    credentials: {
      async put(lease) {
        const id = toColumn(lease.id)
        const doc = vault.seal('credentials', [id], lease)
        await write(() => sql.putCredential.run([id, doc]))
      },
      async remove(leaseId) {
        const id = toColumn(leaseId)
        await write(() => sql.removeCredential.run([id]))
      },
      list: (limit) =>
        read((queries) =>
          queries
            .all('SELECT id, doc FROM credentials ORDER BY rowid LIMIT ?', [limit])
            .map(([id, doc]) => vault.open<CredentialLease>('credentials', [String(id)], doc)),
        ),
    },
    links: {
      async put(identity, person, provenBy) {
        const id = identityColumn(identity)
        const doc = vault.seal('links', [id], { person, provenBy })
        await write(() => sql.putLink.run([id, doc]))
      },
      get(identity) {
        const id = identityColumn(identity)
        return read((queries) => {
          const row = queries.get('SELECT doc FROM links WHERE id = ?', [id])
          if (row === undefined) return null
          return vault.open<{ readonly person: CanonicalPerson }>('links', [id], row[0]).person
        })
      },
      async remove(identity) {
        const id = identityColumn(identity)
        await write(() => sql.removeLink.run([id]))
      },
    },
  }
}

/** Both parts come from outside, so no separator would be safe. JSON keeps NUL and halves of surrogate pairs escaped. */
function identityColumn({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
