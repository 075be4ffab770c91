import { type ApprovalStore, illegalMove, type StandingGrant } from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Row, Value } from '../database/connection'
import { USABLE } from '../writes/grant-writes'
import { documentsOf } from './outbox'
import type { Parts } from './parts'

// The use and the version stand in columns alone, and go over what the document says.
const COLUMNS = 'id, version, uses_left, doc'

/** Makes standing grants. */
export function createGrants({ vault, read, write }: Parts): ApprovalStore['grants'] {
  function grantOf([id, version, usesLeft, doc]: Row): StandingGrant {
    const grant = vault.open<StandingGrant>('grants', [String(id)], doc)
    return { ...grant, version: Number(version), usesLeft: Number(usesLeft) }
  }

  return {
    async put(grant, fromVersion, events) {
      if (grant.version !== fromVersion + 1)
        throw illegalMove(grant.id, 'a grant changes to its next version')
      const id = toColumn(grant.id)
      const { version, usesLeft, expiresAt } = grant
      const row: readonly [string, ...Value[]] = [
        id,
        version,
        toColumn(grant.action),
        toColumn(grant.requesterId),
        usesLeft,
        expiresAt,
        grant.revoked === null ? 0 : 1,
        vault.seal('grants', [id], grant),
      ]
      return write('putGrant', row, fromVersion, documentsOf(vault, events))
    },
    get(id) {
      return read((queries) => {
        const row = queries.get(`SELECT ${COLUMNS} FROM grants WHERE id = ?`, [toColumn(id)])
        return row === undefined ? null : grantOf(row)
      })
    },
    active({ action, requesterId }) {
      return read((queries, now) => {
        const conditions = [USABLE]
        const parameters: Value[] = [now]
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
  }
}
