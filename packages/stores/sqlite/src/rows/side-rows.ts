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

type SideRows = Pick<ApprovalStore, 'deliveries' | 'leases' | 'credentials' | 'links'>

/** Makes the rows beside the requests. */
export function createSideRows({ vault, read, write }: Parts): SideRows {
  const deliveryOf = ([id, doc]: Row): DeliveryRow => vault.open('deliveries', [String(id)], doc)

  return {
    deliveries: {
      async put(row) {
        const id = toColumn(row.id)
        const doc = vault.seal('deliveries', [id], row)
        await write('putDelivery', [id, toColumn(row.requestId), row.nextAttemptAt, doc])
      },
      of: (requestId) =>
        read((queries) =>
          queries
            .all('SELECT id, doc FROM deliveries WHERE request = ?', [toColumn(requestId)])
            .map(deliveryOf),
        ),
      due: (limit, after = null) =>
        read((queries, now) => {
          const from = after === null ? [-Infinity, ''] : [after.nextAttemptAt ?? 0, toColumn(after.id)]
          const text = `SELECT id, doc FROM deliveries WHERE due_at <= ? AND (due_at, id) > (?, ?)
            ORDER BY due_at, id LIMIT ?`
          return queries.all(text, [now, ...from, limit]).map(deliveryOf)
        }),
    },
    leases: {
      async renew(processId, forMs) {
        await write('renew', toColumn(processId), forMs)
      },
      async release(processId) {
        await write('release', toColumn(processId))
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
        await write('putCredential', id, vault.seal('credentials', [id], lease))
      },
      async remove(leaseId) {
        await write('removeCredential', toColumn(leaseId))
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
        await write('putLink', id, vault.seal('links', [id], { person, provenBy }))
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
        await write('removeLink', identityColumn(identity))
      },
    },
  }
}

/** Both parts come from outside, so no separator would be safe. JSON keeps NUL and halves of surrogate pairs escaped. */
function identityColumn({ issuer, subject }: PersonRef): string {
  return JSON.stringify([issuer, subject])
}
