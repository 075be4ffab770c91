import { type ApprovalStore, illegalMove, type StandingGrant } from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Row } from '../database/connection'
import { documentsOf, type Outbox } from './outbox'
import type { Parts } from './parts'
import { prepareAll } from './statements'

/** Standing grants. */
export interface Grants {
  readonly rows: ApprovalStore['grants']
  readonly uses: GrantUses
}

/** The uses of grants. */
export interface GrantUses {
  /** Takes a use within a transaction; `false` when there is none to take. */
  take(id: string, now: number): boolean
}

// The use and the version stand in columns alone, and go over what the document says.
const COLUMNS = 'id, version, uses_left, doc'
const USABLE = 'revoked = 0 AND uses_left > 0 AND expires_at >'

const TEXTS = {
  version: 'SELECT version FROM grants WHERE id = ?',
  put: `INSERT OR REPLACE INTO grants (id, version, action, requester, uses_left, expires_at, revoked, doc)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  // I3: a new version, so that nobody who read the grant before can write the use back.
  take: `UPDATE grants SET uses_left = uses_left - 1, version = version + 1 WHERE id = ? AND ${USABLE} ?`,
}

/** Makes the table of grants. */
export async function createGrants(
  { vault, database, read, write }: Parts,
  { recordLoose }: Pick<Outbox, 'recordLoose'>,
): Promise<Grants> {
  const sql = await prepareAll(database, TEXTS)

  function grantOf([id, version, usesLeft, doc]: Row): StandingGrant {
    const grant = vault.open<StandingGrant>('grants', [String(id)], doc)
    return { ...grant, version: Number(version), usesLeft: Number(usesLeft) }
  }

  return {
    uses: { take: (id, now) => sql.take.run([id, now]).changes === 1 },
    rows: {
      async put(grant, fromVersion, events) {
        if (grant.version !== fromVersion + 1)
          throw illegalMove(grant.id, 'a grant changes to its next version')
        const id = toColumn(grant.id)
        const { version, usesLeft, expiresAt, revoked } = grant
        const row = [id, version, toColumn(grant.action), toColumn(grant.requesterId), usesLeft, expiresAt]
        const doc = vault.seal('grants', [id], grant)
        const documents = documentsOf(vault, events)
        return write(() => {
          if (Number(sql.version.get([id])?.[0] ?? 0) !== fromVersion) return false
          recordLoose(documents)
          sql.put.run([...row, revoked === null ? 0 : 1, doc])
          return true
        })
      },
      get(id) {
        return read((queries) => {
          const row = queries.get(`SELECT ${COLUMNS} FROM grants WHERE id = ?`, [toColumn(id)])
          return row === undefined ? null : grantOf(row)
        })
      },
      active({ action, requesterId }) {
        return read((queries, now) => {
          const conditions = [`${USABLE} ?`]
          const parameters: (string | number)[] = [now]
          for (const [name, text] of [
            ['requester', requesterId],
            ['action', action],
          ] as const) {
            if (text === undefined) continue
            conditions.push(`${name} = ?`)
            parameters.push(toColumn(text))
          }
          const text = `SELECT ${COLUMNS} FROM grants WHERE ${conditions.join(' AND ')}`
          return queries.all(text, parameters).map(grantOf)
        })
      },
    },
  }
}
