import type { Value, WritingConnection } from '../database/connection'
import { prepareAll } from './statements'
import type { Transaction } from './transaction'

const TEXTS = {
  // Rows of requests that are not there are not kept: nobody would ever delete them.
  putDelivery: `INSERT OR REPLACE INTO deliveries (id, request, due_at, doc)
    SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM requests WHERE id = ?2)`,
  moveDelivery: 'UPDATE deliveries SET due_at = ?3, doc = ?4 WHERE id = ?1 AND request = ?2',
  renew: 'INSERT OR REPLACE INTO leases (process, ends_at) VALUES (?, ?)',
  release: 'DELETE FROM leases WHERE process = ?',
  purgeLeases: 'DELETE FROM leases WHERE ends_at < ?',
  putCredential: 'INSERT OR REPLACE INTO credentials (id, doc) VALUES (?, ?)',
  removeCredential: 'DELETE FROM credentials WHERE id = ?',
  putLink: 'INSERT OR REPLACE INTO links (id, doc) VALUES (?, ?)',
  removeLink: 'DELETE FROM links WHERE id = ?',
  setMark: 'INSERT OR REPLACE INTO marks (id, until_at, doc) VALUES (?, ?, ?)',
  window: 'SELECT from_at, until_at, hits FROM windows WHERE key = ?',
  openWindow: 'INSERT OR REPLACE INTO windows (key, from_at, until_at, hits) VALUES (?, ?, ?, 1)',
  hit: 'UPDATE windows SET hits = hits + 1 WHERE key = ?',
  purgeWindows: 'DELETE FROM windows WHERE until_at <= ?',
  purgeMarks: 'DELETE FROM marks WHERE until_at <= ?',
}

/** A lease that ended this long ago tells nothing that a missing one does not. */
const LEASE_KEPT_MS = 86_400_000
/** How many windows are opened between two purges of what is over. */
const PURGE_EVERY = 1_000

/** A mark: its key, until when, its document. */
export type MarkRow = readonly [string, number, Value]

/** Sets a mark as part of a move. */
export type SetMark = (row: MarkRow) => void

/** Whether a hit was counted, and how long to wait if not. */
export interface Hit {
  readonly allowed: boolean
  readonly retryAfterMs: number
}

/** The writes beside the requests: none of them raises a request's version. */
export interface SideWrites {
  /** @param row - id, request, when it is due, document */
  putDelivery(transaction: Transaction, row: readonly Value[]): void
  renew(transaction: Transaction, process: string, forMs: number): void
  release(transaction: Transaction, process: string): void
  putCredential(transaction: Transaction, id: string, doc: Value): void
  removeCredential(transaction: Transaction, id: string): void
  putLink(transaction: Transaction, id: string, doc: Value): void
  removeLink(transaction: Transaction, id: string): void
  /** A window opens with its first hit. */
  hit(transaction: Transaction, key: string, limit: number, windowMs: number): Hit
}

const ALLOWED: Hit = Object.freeze({ allowed: true, retryAfterMs: 0 })

/** Makes them. */
export async function createSideWrites(
  database: WritingConnection,
): Promise<{ readonly setMark: SetMark; readonly writes: SideWrites }> {
  const sql = await prepareAll(database, TEXTS)
  let opened = 0

  function openWindow(key: string, now: number, until: number): void {
    opened += 1
    if (opened % PURGE_EVERY === 0) {
      sql.purgeWindows.run([now])
      sql.purgeMarks.run([now])
    }
    sql.openWindow.run([key, now, until])
  }

  return {
    setMark: (row) => void sql.setMark.run(row),
    writes: {
      putDelivery(_, row) {
        // What is not due was there before, nearly always: then its place in the indexes stays.
        if (row[2] === null && sql.moveDelivery.run(row).changes === 1) return
        sql.putDelivery.run(row)
      },
      renew({ now }, process, forMs) {
        sql.renew.run([process, now + forMs])
        sql.purgeLeases.run([now - LEASE_KEPT_MS])
      },
      release: (_, process) => void sql.release.run([process]),
      putCredential: (_, id, doc) => void sql.putCredential.run([id, doc]),
      removeCredential: (_, id) => void sql.removeCredential.run([id]),
      putLink: (_, id, doc) => void sql.putLink.run([id, doc]),
      removeLink: (_, id) => void sql.removeLink.run([id]),
      hit({ now }, key, limit, windowMs) {
        const [from, until, count] = (sql.window.get([key]) ?? []).map(Number)
        // T49: a clock that jumped back ends the window too, or nobody would get through until it caught up.
        if (from === undefined || until === undefined || now >= until || now < from) {
          openWindow(key, now, now + windowMs)
          return limit >= 1 ? ALLOWED : { allowed: false, retryAfterMs: windowMs }
        }
        if (Number(count) >= limit) return { allowed: false, retryAfterMs: until - now }
        sql.hit.run([key])
        return ALLOWED
      },
    },
  }
}
