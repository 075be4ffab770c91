import { type ApprovalStore, illegalMove, type StandingGrant } from '@gatewright/core'
import type { Parts } from './parts'
import { recordLoose } from './record-loose'
import { sealEvents } from './requests/events'
import { nowMs, type Row, type Value } from './sql'
import { tokenOf } from './text'

/** Makes the table of standing grants. What a use changes stands in columns of its own. */
export function createGrants({ database, rows }: Parts): ApprovalStore['grants'] {
  const { grants } = database.names
  const columns = 'id, version, uses_left, body'

  function openGrant(row: Row): StandingGrant {
    const grant = rows.open<StandingGrant>('grants', row)
    return { ...grant, version: Number(row.version), usesLeft: Number(row.uses_left) }
  }

  return {
    async put(grant, fromVersion, events) {
      if (grant.version !== fromVersion + 1)
        throw illegalMove(grant.id, 'a grant changes to its next version')
      const id = tokenOf(grant.id)
      const subjects = new Map(events.map(({ subject }) => [tokenOf(subject), subject]))
      const sealed = events.flatMap((event) => sealEvents(rows, tokenOf(event.subject), [event]))
      const { version, action, requesterId, expiresAt, usesLeft, revoked } = grant
      const values: readonly Value[] = [
        id,
        version,
        tokenOf(action),
        tokenOf(requesterId),
        expiresAt,
        usesLeft,
        revoked !== null,
        rows.seal('grants', id, grant),
      ]
      const insert = {
        text: `INSERT INTO ${grants} (id, version, action, requester, expires_at, uses_left, revoked, body)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id`,
        values,
      }
      const update = {
        text: `UPDATE ${grants} SET version = $2, action = $3, requester = $4, expires_at = $5, uses_left = $6,
          revoked = $7, body = $8 WHERE id = $1 AND version = $9 RETURNING id`,
        values: [...values, fromVersion],
      }
      return database.transact(async (query) => {
        const [put] = await query(fromVersion === 0 ? insert : update)
        if (put === undefined) return false
        if (sealed.length > 0) await recordLoose(database.names, query, sealed, subjects)
        return true
      })
    },
    async get(id) {
      const [row] = await database.read({
        text: `SELECT ${columns} FROM ${grants} WHERE id = $1`,
        values: [tokenOf(id)],
      })
      return row === undefined ? null : openGrant(row)
    },
    async active({ action, requesterId }) {
      const values: Value[] = [database.clock.given()]
      const conditions = ['NOT revoked', 'uses_left > 0', `expires_at > ${nowMs(1)}`]
      if (action !== undefined) conditions.push(`action = $${values.push(tokenOf(action))}`)
      if (requesterId !== undefined) conditions.push(`requester = $${values.push(tokenOf(requesterId))}`)
      const found = await database.read({
        text: `SELECT ${columns} FROM ${grants} WHERE ${conditions.join(' AND ')}`,
        values,
      })
      return found.map(openGrant)
    },
  }
}
