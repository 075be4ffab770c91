import type { Row, Value, WritingConnection } from '../database/connection'
import type { Sealed } from '../documents/vault'
import type { EventDocument, EventRows } from './event-writes'
import type { GrantUses } from './grant-writes'
import { FIXED_NAMES, MOVING_NAMES, REQUEST_COLUMNS, TOMBSTONE_COLUMNS } from './request-columns'
import type { MarkRow, SetMark } from './side-writes'
import { prepareAll } from './statements'
import { Refused, type Transaction } from './transaction'

/** What every version of a request brings to its row. */
export interface RequestRow {
  readonly id: string
  readonly moving: readonly Value[]
  /** Whether somebody's word was given on it. */
  readonly decided: boolean
  readonly state: Sealed
  readonly events: readonly EventDocument[]
}

/** What a request is, and not how it stands: the columns, and the document. */
export interface ContentRow {
  readonly fixed: readonly Value[]
  readonly content: Sealed
}

/** A request to be saved. */
export interface NewRow extends RequestRow, ContentRow {
  readonly key: string | null
}

/** Why it was not saved: who holds the key. `null`: it was saved. */
export type Holder = { readonly request: Row } | { readonly tombstone: Row } | null

/** A move, and on which conditions. */
export interface MoveRow extends RequestRow {
  /** `null`: it is what the row at `fromVersion` has. */
  readonly anew: ContentRow | null
  /** Whether the row is thought to have its status and its time already: then their four indexes are left alone. */
  readonly stays: boolean
  readonly fromVersion: number
  readonly notAfter: number | null
  readonly notBefore: number | null
  /** The number of the request's last event after which the move is legal; `null` where none is. */
  readonly after: number | null
  readonly useGrant: string | null
  readonly mark: MarkRow | null
}

/** How a move ended. Rows are of {@link REQUEST_COLUMNS}. */
export type Moved =
  | { readonly applied: true }
  /** Every condition held, and the move is none that can be after event number `seq`. */
  | { readonly applied: false; readonly reason: 'illegal'; readonly seq: number }
  | { readonly applied: false; readonly reason: 'missing'; readonly row: null }
  | { readonly applied: false; readonly reason: 'conflict' | 'late' | 'early' | 'grant'; readonly row: Row }

/** The ways in which requests change. */
export interface RequestWrites {
  create(transaction: Transaction, row: NewRow): Holder
  transition(transaction: Transaction, row: MoveRow): Moved
  forget(transaction: Transaction, id: string): boolean
}

/** What a move carries along, in its transaction. */
export interface MoveParts {
  readonly events: EventRows
  readonly setMark: SetMark
  readonly grants: GrantUses
}

const INSERTED = [...FIXED_NAMES, ...MOVING_NAMES, 'decided', 'change', 'content', 'state', 'id']
const set = (names: readonly string[]): string => names.map((name) => `${name} = ?`).join(', ')

const TEXTS = {
  insert: `INSERT INTO requests (${INSERTED}) VALUES (${INSERTED.map(() => '?')}) ON CONFLICT DO NOTHING`,
  state: `SELECT version, last_seq, decided FROM requests WHERE id = ?`,
  // What stays as it is is not set: each column that is costs its indexes a deletion and an insertion.
  move: `UPDATE requests SET ${set([...MOVING_NAMES, 'change', 'state'])} WHERE id = ?`,
  decide: `UPDATE requests SET ${set([...MOVING_NAMES, 'change', 'state', 'decided'])} WHERE id = ?`,
  // Nearly every move finds what it was made for: then one statement looks and moves.
  moveAsExpected: `UPDATE requests SET ${set([...MOVING_NAMES, 'change', 'state'])}
    WHERE id = ? AND version = ? AND last_seq = ? AND (decided IS NOT NULL) = ?`,
  decideAsExpected: `UPDATE requests SET ${set([...MOVING_NAMES, 'change', 'state', 'decided'])}
    WHERE id = ? AND version = ? AND last_seq = ? AND decided IS NULL`,
  // Beside these it finds where it was thought that the request stands.
  stayAsExpected: `UPDATE requests SET version = ?, last_seq = ?, change = ?, state = ?
    WHERE id = ? AND version = ? AND last_seq = ? AND (decided IS NOT NULL) = ? AND status = ? AND due_at IS ?`,
  content: 'UPDATE requests SET content = ? WHERE id = ?',
  fixed: `SELECT ${FIXED_NAMES} FROM requests WHERE id = ?`,
  fix: `UPDATE requests SET ${set(FIXED_NAMES)} WHERE id = ?`,
  get: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE id = ?`,
  holder: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE key = ?`,
  tombstone: `SELECT ${TOMBSTONE_COLUMNS} FROM tombstones WHERE key = ?`,
  bury: 'INSERT OR REPLACE INTO tombstones (key, request, digest, status) SELECT key, id, digest, status FROM requests WHERE id = ? AND key IS NOT NULL',
  status: 'SELECT status FROM requests WHERE id = ?',
  unpublished: 'SELECT 1 FROM events WHERE subject = ? AND log IS NULL LIMIT 1',
  dropDeliveries: 'DELETE FROM deliveries WHERE request = ?',
  drop: 'DELETE FROM requests WHERE id = ?',
}

const APPLIED: Moved = { applied: true }
const MISSING: Moved = { applied: false, reason: 'missing', row: null }
/** Of these something more may run. */
const OPEN: ReadonlySet<unknown> = new Set(['pending', 'approved', 'executing'])

/** With these somebody's word is given, nearly always for the first time. */
const DECIDING: ReadonlySet<unknown> = new Set(['approved', 'rejected'])

/** Whether only the version and the chain decide: no limit was passed, no grant is asked, and nothing but the state is new. */
function isPlain({ anew, after, notAfter, notBefore, useGrant }: MoveRow, now: number): boolean {
  return (
    anew === null &&
    after !== null &&
    useGrant === null &&
    (notAfter === null || now <= notAfter) &&
    (notBefore === null || now >= notBefore)
  )
}

/** Makes them. */
export async function createRequestWrites(
  database: WritingConnection,
  { events, setMark, grants }: MoveParts,
): Promise<RequestWrites> {
  const sql = await prepareAll(database, TEXTS)

  function refuse(id: string, reason: 'conflict' | 'late' | 'early' | 'grant'): Moved {
    const row = sql.get.get([id])
    return row === undefined ? MISSING : { applied: false, reason, row }
  }

  /** `false`: nothing was changed, and the row tells why. */
  function moveAsExpected(
    change: number,
    { id, moving, state, decided, fromVersion, after, stays }: MoveRow,
  ): boolean {
    const where = [id, fromVersion, after]
    if (stays) {
      const [version = null, status = null, dueAt = null, seq = null] = moving
      const values = [version, seq, change, state, ...where, decided ? 1 : 0, status, dueAt]
      return sql.stayAsExpected.run(values).changes === 1
    }
    const set = [...moving, change, state]
    const { changes } =
      decided && DECIDING.has(moving[1])
        ? sql.decideAsExpected.run([...set, change, ...where])
        : sql.moveAsExpected.run([...set, ...where, decided ? 1 : 0])
    return changes === 1
  }

  function applied(transaction: Transaction, { id, events: documents, mark }: MoveRow): Moved {
    events.insert(documents)
    if (mark !== null) setMark(mark)
    transaction.changed(id)
    return APPLIED
  }

  function renew(id: string, { fixed, content }: ContentRow): void {
    sql.content.run([content, id])
    const before = sql.fixed.get([id]) ?? []
    if (fixed.some((value, index) => value !== before[index])) sql.fix.run([...fixed, id])
  }

  return {
    create(transaction, { id, key, fixed, content, moving, decided, state, events: documents }) {
      if (key !== null) {
        const holder = sql.holder.get([key])
        if (holder !== undefined) return { request: holder }
        const tombstone = sql.tombstone.get([key])
        if (tombstone !== undefined) return { tombstone }
      }
      const change = transaction.change()
      const { changes } = sql.insert.run([
        ...fixed,
        ...moving,
        decided ? change : null,
        change,
        content,
        state,
        id,
      ])
      // The key is free, so it is the id that is taken.
      if (changes === 0) throw new Refused(id, 'there is a request with this id')
      events.insert(documents)
      transaction.changed(id)
      return null
    },

    transition(transaction, move) {
      const { now } = transaction
      const { id } = move
      if (isPlain(move, now) && moveAsExpected(transaction.change(), move)) return applied(transaction, move)
      const found = sql.state.get([id])
      if (found === undefined) return MISSING
      const [version, seq, decidedBefore] = found
      if (Number(version) !== move.fromVersion) return refuse(id, 'conflict')
      if (move.notAfter !== null && now > move.notAfter) return refuse(id, 'late')
      if (move.notBefore !== null && now < move.notBefore) return refuse(id, 'early')
      if (Number(seq) !== move.after) return { applied: false, reason: 'illegal', seq: Number(seq) }
      if (move.useGrant !== null && !grants.take(move.useGrant, now)) return refuse(id, 'grant')
      const change = transaction.change()
      if (move.decided === (decidedBefore !== null)) sql.move.run([...move.moving, change, move.state, id])
      else sql.decide.run([...move.moving, change, move.state, move.decided ? change : null, id])
      if (move.anew !== null) renew(id, move.anew)
      return applied(transaction, move)
    },

    forget(transaction, id) {
      const status = sql.status.get([id])?.[0]
      if (status === undefined || OPEN.has(status)) return false
      // I7: what no log holds yet is not deleted.
      events.flush()
      if (sql.unpublished.get([id]) !== undefined) return false
      // I3: the key is refused for ever.
      sql.bury.run([id])
      events.drop(id)
      sql.dropDeliveries.run([id])
      sql.drop.run([id])
      transaction.changed(id)
      return true
    },
  }
}
