import { isFinished, type KeyTombstone } from '@gatewright/core'
import type { Parts } from '../parts'
import { tokenOf } from '../text'

/** Makes `forget`. */
export function createForgetting({ database, rows }: Parts) {
  const { requests, keys, events, deliveries } = database.names

  return async (requestId: string): Promise<boolean> => {
    const id = tokenOf(requestId)
    const [held] = await database.read({
      text: `SELECT id, body FROM ${requests} WHERE id = $1`,
      values: [id],
    })
    if (held === undefined) return false
    const { version, status, key, argumentsDigest } = rows.openRequest(held)
    if (!isFinished({ status })) return false
    const token = key === null ? null : tokenOf(key)
    const tombstone: KeyTombstone | null = key === null ? null : { key, requestId, argumentsDigest, status }
    // I7: by its version. Were it moved meanwhile, it would have events that this statement does not see.
    const gone = await database.write({
      text: `WITH gone AS (
        DELETE FROM ${requests} AS r WHERE id = $1 AND version = $2
          AND NOT EXISTS (SELECT 1 FROM ${events} AS e WHERE e.subject = $1 AND e.waiting)
        RETURNING id),
      noted AS (UPDATE ${keys} SET tombstone = $4 WHERE key = $3 AND EXISTS (SELECT 1 FROM gone)),
      silent AS (DELETE FROM ${events} AS e USING gone AS g WHERE e.subject = g.id),
      unsent AS (DELETE FROM ${deliveries} AS d USING gone AS g WHERE d.request_id = g.id)
      SELECT id FROM gone`,
      values: [
        id,
        version,
        token,
        tombstone === null || token === null ? null : rows.seal('keys', token, tombstone),
      ],
    })
    return gone.length > 0
  }
}
