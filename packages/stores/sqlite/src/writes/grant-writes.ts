import type { Value, WritingConnection } from '../database/connection'
import type { EventDocument, EventRows } from './event-writes'
import { prepareAll } from './statements'
import type { Transaction } from './transaction'

/** A grant that is open for use, at the time that is bound last. */
export const USABLE = 'revoked = 0 AND uses_left > 0 AND expires_at > ?'

const TEXTS = {
  version: 'SELECT version FROM grants WHERE id = ?',
  put: `INSERT OR REPLACE INTO grants (id, version, action, requester, uses_left, expires_at, revoked, doc)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  // I3: a new version, so that nobody who read the grant before can write the use back.
  take: `UPDATE grants SET uses_left = uses_left - 1, version = version + 1 WHERE id = ? AND ${USABLE}`,
}

/** The uses of grants. */
export interface GrantUses {
  /** Takes a use within a transaction; `false` when there is none to take. */
  take(id: string, now: number): boolean
}

/** The writes of grants. */
export interface GrantWrites {
  /** @param row - the columns in their order, the id first */
  putGrant(
    transaction: Transaction,
    row: readonly [string, ...Value[]],
    fromVersion: number,
    documents: readonly EventDocument[],
  ): boolean
}

/** Makes them. */
export async function createGrantWrites(
  database: WritingConnection,
  events: EventRows,
): Promise<{ readonly uses: GrantUses; readonly writes: GrantWrites }> {
  const sql = await prepareAll(database, TEXTS)
  return {
    uses: { take: (id, now) => sql.take.run([id, now]).changes === 1 },
    writes: {
      putGrant(_, row, fromVersion, documents) {
        if (Number(sql.version.get([row[0]])?.[0] ?? 0) !== fromVersion) return false
        events.recordLoose(documents)
        sql.put.run(row)
        return true
      },
    },
  }
}
