import type { ApprovalStore, Mark } from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Statement } from '../database/connection'
import type { Parts } from './parts'
import { prepareAll } from './statements'

/** Rate limits and marks. */
export interface Counters {
  readonly rows: ApprovalStore['counters']
  /** Sets a mark as part of a move: its key, its time, its document. */
  readonly setMark: Statement
}

/** How many writes go by between two purges of what is over. */
const PURGE_EVERY = 1_000

const TEXTS = {
  setMark: 'INSERT OR REPLACE INTO marks (id, until_at, doc) VALUES (?, ?, ?)',
  window: 'SELECT from_at, until_at, hits FROM windows WHERE key = ?',
  openWindow: 'INSERT OR REPLACE INTO windows (key, from_at, until_at, hits) VALUES (?, ?, ?, 1)',
  hit: 'UPDATE windows SET hits = hits + 1 WHERE key = ?',
  purgeWindows: 'DELETE FROM windows WHERE until_at <= ?',
  purgeMarks: 'DELETE FROM marks WHERE until_at <= ?',
}

const ALLOWED = Object.freeze({ allowed: true, retryAfterMs: 0 })

/** Makes the counters. A window opens with its first hit. */
export async function createCounters({ vault, database, read, write }: Parts): Promise<Counters> {
  const sql = await prepareAll(database, TEXTS)
  let hits = 0

  function purgeAtTimes(now: number): void {
    hits += 1
    if (hits % PURGE_EVERY !== 0) return
    sql.purgeWindows.run([now])
    sql.purgeMarks.run([now])
  }

  return {
    setMark: sql.setMark,
    rows: {
      async hit(counted, limit, windowMs) {
        const key = toColumn(counted)
        return write(({ now }) => {
          const [from, until, count] = (sql.window.get([key]) ?? []).map(Number)
          // T49: a clock that jumped back ends the window too, or nobody would get through until it caught up.
          if (from === undefined || until === undefined || now >= until || now < from) {
            purgeAtTimes(now)
            sql.openWindow.run([key, now, now + windowMs])
            return limit >= 1 ? ALLOWED : { allowed: false, retryAfterMs: windowMs }
          }
          if (Number(count) >= limit) return { allowed: false, retryAfterMs: until - now }
          sql.hit.run([key])
          return ALLOWED
        })
      },
      mark(markKey) {
        const key = toColumn(markKey)
        return read((queries, now) => {
          const row = queries.get('SELECT doc FROM marks WHERE id = ? AND until_at > ?', [key, now])
          return row === undefined ? null : vault.open<Mark>('marks', [key], row[0])
        })
      },
    },
  }
}
