import {
  type ApprovalRequest,
  type AuditEvent,
  type CreateResult,
  checkCreation,
  checkTransition,
  illegalMove,
  isDecided,
  isFinished,
  type Transition,
  type TransitionRefusal,
  type TransitionResult,
} from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Row, Statement, Value } from '../database/connection'
import type { GrantUses } from './grants'
import { documentsOf, type EventDocument, insertEvents, type Outbox } from './outbox'
import type { Parts } from './parts'
import {
  FIXED_NAMES,
  fixedColumns,
  MOVING_NAMES,
  movingColumns,
  REQUEST_COLUMNS,
  requestOf,
  sealRequest,
  tombstoneOf,
} from './request-rows'
import { prepareAll } from './statements'

/** The ways in which requests change. */
export interface RequestWrites {
  create(request: ApprovalRequest, events: readonly AuditEvent[]): Promise<CreateResult>
  transition(transition: Transition): Promise<TransitionResult>
  forget(id: string): Promise<boolean>
}

/** What a move carries along, in its transaction. */
export interface MoveParts extends Parts {
  readonly outbox: Pick<Outbox, 'insert' | 'drop'>
  readonly setMark: Statement
  readonly grants: GrantUses
}

const INSERTED = [...FIXED_NAMES, ...MOVING_NAMES, 'decided', 'change', 'doc', 'id']
const set = (names: readonly string[]): string => names.map((name) => `${name} = ?`).join(', ')

const TEXTS = {
  insert: `INSERT INTO requests (${INSERTED}) VALUES (${INSERTED.map(() => '?')}) ON CONFLICT DO NOTHING`,
  state: `SELECT version, last_seq, decided, ${FIXED_NAMES} FROM requests WHERE id = ?`,
  move: `UPDATE requests SET ${set([...MOVING_NAMES, 'decided', 'change', 'doc'])} WHERE id = ?`,
  fix: `UPDATE requests SET ${set(FIXED_NAMES)} WHERE id = ?`,
  get: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE id = ?`,
  holder: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE key = ?`,
  tombstone: 'SELECT request, digest, status FROM tombstones WHERE key = ?',
  bury: 'INSERT OR REPLACE INTO tombstones (key, request, digest, status) SELECT key, id, digest, status FROM requests WHERE id = ? AND key IS NOT NULL',
  status: 'SELECT status FROM requests WHERE id = ?',
  unpublished: 'SELECT 1 FROM events WHERE subject = ? AND log IS NULL LIMIT 1',
  dropDeliveries: 'DELETE FROM deliveries WHERE request = ?',
  drop: 'DELETE FROM requests WHERE id = ?',
}

/** Makes them. */
export async function createRequests(parts: MoveParts): Promise<RequestWrites> {
  const { vault, write, outbox, setMark, grants } = parts
  const sql = await prepareAll(parts.database, TEXTS)

  function held(statement: Statement, column: string): ApprovalRequest | null {
    const row = statement.get([column])
    return row === undefined ? null : requestOf(vault, row)
  }

  function holderOf(key: string): CreateResult | null {
    const request = held(sql.holder, toColumn(key))
    if (request !== null) return { created: false, request }
    const buried = sql.tombstone.get([toColumn(key)])
    return buried === undefined
      ? null
      : { created: false, request: null, tombstone: tombstoneOf(key, buried) }
  }

  function refuse(
    transition: Transition,
    id: string,
    row: Row | undefined,
    now: number,
  ): TransitionRefusal | null {
    const { fromVersion, notAfter, notBefore } = transition
    const request = row === undefined ? null : held(sql.get, id)
    if (row === undefined || request === null) return { applied: false, reason: 'missing', request: null }
    if (Number(row[0]) !== fromVersion) return { applied: false, reason: 'conflict', request }
    if (notAfter !== undefined && now > notAfter) return { applied: false, reason: 'late', request }
    if (notBefore !== undefined && now < notBefore) return { applied: false, reason: 'early', request }
    return null
  }

  function mayPass({ fromVersion, notAfter, notBefore }: Transition, row: Row, now: number): boolean {
    return Number(row[0]) === fromVersion && !(now > Number(notAfter)) && !(now < Number(notBefore))
  }

  return {
    async create(request, events) {
      checkCreation(request, events)
      const id = toColumn(request.id)
      const doc = sealRequest(vault, request)
      const columns = [...fixedColumns(request), ...movingColumns(request)]
      const documents = documentsOf(vault, events)
      return write((transaction): CreateResult => {
        const buried = request.key === null ? null : holderOf(request.key)
        if (buried !== null) return buried
        const change = transaction.change()
        const decided = isDecided(request) ? change : null
        const { changes } = sql.insert.run([...columns, decided, change, doc, id])
        // The key is free, so it is the id that is taken.
        if (changes === 0) throw illegalMove(request.id, 'there is a request with this id')
        insertEvents(outbox.insert, documents)
        transaction.changed(request.id)
        return { created: true, request }
      })
    },

    async transition(transition) {
      const { next, events, useGrant, mark } = transition
      const id = toColumn(next.id)
      const doc = sealRequest(vault, next)
      const moving = movingColumns(next)
      const fixed = fixedColumns(next)
      const documents: readonly EventDocument[] = documentsOf(vault, events)
      const marked: readonly Value[] | null =
        mark === undefined
          ? null
          : [toColumn(mark.key), mark.until, vault.seal('marks', [toColumn(mark.key)], mark)]
      return write((transaction): TransitionResult => {
        const { now } = transaction
        const row = sql.state.get([id])
        const refusal =
          row !== undefined && mayPass(transition, row, now) ? null : refuse(transition, id, row, now)
        if (refusal !== null || row === undefined)
          return refusal ?? { applied: false, reason: 'missing', request: null }
        const [version, seq, decidedBefore, ...before] = row
        checkTransition(transition, {
          id: next.id,
          version: Number(version),
          lastEvent: { seq: Number(seq), hash: '' },
        })
        if (useGrant !== undefined && !grants.take(toColumn(useGrant), now)) {
          const request = held(sql.get, id)
          if (request !== null) return { applied: false, reason: 'grant', request }
        }
        const change = transaction.change()
        const decided = isDecided(next) ? Number(decidedBefore ?? change) : null
        sql.move.run([...moving, decided, change, doc, id])
        if (fixed.some((value, index) => value !== before[index])) sql.fix.run([...fixed, id])
        insertEvents(outbox.insert, documents)
        if (marked !== null) setMark.run(marked)
        transaction.changed(next.id)
        return { applied: true, request: next }
      })
    },

    async forget(requestId) {
      const id = toColumn(requestId)
      return write((transaction) => {
        const status = sql.status.get([id])?.[0] as ApprovalRequest['status'] | undefined
        if (status === undefined || !isFinished({ status })) return false
        // I7: what no log holds yet is not deleted.
        if (sql.unpublished.get([id]) !== undefined) return false
        // I3: the key is refused for ever.
        sql.bury.run([id])
        outbox.drop(id)
        sql.dropDeliveries.run([id])
        sql.drop.run([id])
        transaction.changed(requestId)
        return true
      })
    },
  }
}
