import type { ApprovalStore, Mark } from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Parts } from './parts'

/** Makes rate limits and marks. */
export function createCounters({ vault, read, write }: Parts): ApprovalStore['counters'] {
  return {
    async hit(key, limit, windowMs) {
      return write('hit', toColumn(key), limit, windowMs)
    },
    mark(markKey) {
      const key = toColumn(markKey)
      return read((queries, now) => {
        const row = queries.get('SELECT doc FROM marks WHERE id = ? AND until_at > ?', [key, now])
        return row === undefined ? null : vault.open<Mark>('marks', [key], row[0])
      })
    },
  }
}
