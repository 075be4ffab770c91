import { type ApprovalStore, type AuditEvent, illegalMove } from '@gatewright/core'
import { fromColumn, toColumn } from '../database/column-text'
import type { Row, Statement } from '../database/connection'
import type { Sealed, Vault } from '../documents/vault'
import type { Parts } from './parts'
import { prepareAll } from './statements'

/** An event as its row holds it. */
export interface EventDocument {
  readonly subject: string
  readonly seq: number
  readonly doc: Sealed
}

/** Of events named by `[subject, seq]` in a JSON list: those that are there. */
const NAMED =
  'FROM json_each(?2) AS name JOIN events AS e ON e.subject = name.value ->> 0 AND e.seq = name.value ->> 1'

const TEXTS = {
  insert: 'INSERT INTO events (subject, seq, doc) VALUES (?, ?, ?)',
  isRequest: 'SELECT 1 FROM requests WHERE id = ?',
  head: 'SELECT max(seq) FROM events WHERE subject = ?',
  take: `UPDATE events SET log = ?1 WHERE log IS NULL AND place IN (SELECT e.place ${NAMED})`,
  receipt: `INSERT OR IGNORE INTO receipts (place, log) SELECT e.place, ?1 ${NAMED} WHERE e.log <> ?1`,
  // Which may be dropped at all: those of no request, and of requests that ended as anything but "unknown".
  ended: `SELECT json_group_array(name.value) FROM json_each(?) AS name LEFT JOIN requests AS r ON r.id = name.value
    WHERE r.id IS NULL OR r.status NOT IN ('pending', 'approved', 'executing', 'unknown')`,
  // How many no log has; how many logs have some; how many have a receipt.
  holders: `SELECT count(*) - count(log), count(DISTINCT log), (SELECT count(*) FROM receipts WHERE place IN
    (SELECT place FROM events WHERE subject = ?1)) FROM events WHERE subject = ?1`,
  dropReceipts: 'DELETE FROM receipts WHERE place IN (SELECT place FROM events WHERE subject = ?)',
  drop: 'DELETE FROM events WHERE subject = ?',
}

const UNPUBLISHED = 'SELECT subject, seq, doc FROM events WHERE log IS NULL ORDER BY place LIMIT ?'
const UNPUBLISHED_OF = `SELECT subject, seq, doc FROM events WHERE subject = ?1 AND (log IS NULL OR (
    log <> ?2 AND NOT EXISTS (SELECT 1 FROM receipts WHERE receipts.place = events.place AND receipts.log = ?2)
  )) ORDER BY seq LIMIT ?3`

/** Seals events, at the moment in which they are handed in. */
export function documentsOf(vault: Vault, events: readonly AuditEvent[]): readonly EventDocument[] {
  return events.map((event) => {
    const subject = toColumn(event.subject)
    return { subject, seq: event.seq, doc: vault.seal('events', [subject, event.seq], event) }
  })
}

/** Records events of which it is known that they go on where their chain stands. */
export function insertEvents(insert: Statement, documents: readonly EventDocument[]): void {
  for (const { subject, seq, doc } of documents) insert.run([subject, seq, doc])
}

/** Recorded events. */
export interface Outbox {
  readonly rows: ApprovalStore['outbox']
  readonly insert: Statement
  /** Deletes all events of a subject, within a transaction. */
  drop(subject: string): void
  /**
   * Records events that belong to no request, within a transaction. What is recorded already is left as it is.
   *
   * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a gap, or an event of a request
   */
  recordLoose(documents: readonly EventDocument[]): void
}

/** Makes the outbox. */
export async function createOutbox({ vault, database, read, write }: Parts): Promise<Outbox> {
  const sql = await prepareAll(database, TEXTS)
  const eventOf = ([subject, seq, doc]: Row): AuditEvent =>
    vault.open('events', [String(subject), Number(seq)], doc)

  function recordLoose(documents: readonly EventDocument[]): void {
    for (const document of documents) {
      const { subject, seq } = document
      if (sql.isRequest.get([subject]) !== undefined)
        throw illegalMove(fromColumn(subject), "a request's events come with its moves")
      const head = sql.head.get([subject])?.[0] ?? null
      if (head !== null && seq > Number(head) + 1)
        throw illegalMove(fromColumn(subject), `event ${seq} does not follow event ${head}`)
      if (head === null || seq > Number(head)) insertEvents(sql.insert, [document])
    }
  }

  function drop(subject: string): void {
    sql.dropReceipts.run([subject])
    sql.drop.run([subject])
  }

  /**
   * Drops events that nobody wants: those of no request once some log has the whole chain, those of a request once the one log
   * that has any of them has all. Where several logs have some they stay until `forget`.
   */
  function dropUnwanted(subjects: string): void {
    for (const subject of JSON.parse(String(sql.ended.get([subjects])?.[0])) as string[]) {
      const [unpublished, logs, receipts] = (sql.holders.get([subject]) ?? []).map(Number)
      if (unpublished !== 0) continue
      const alone = logs === 1 && receipts === 0
      if (alone || sql.isRequest.get([subject]) === undefined) drop(subject)
    }
  }

  return {
    insert: sql.insert,
    drop,
    recordLoose,
    rows: {
      async record(events) {
        const documents = documentsOf(vault, events)
        if (documents.length > 0) await write(() => recordLoose(documents))
      },
      unpublished({ logId, subject, limit }) {
        return read((queries) => {
          const rows =
            subject === undefined
              ? queries.all(UNPUBLISHED, [limit])
              : queries.all(UNPUBLISHED_OF, [toColumn(subject), toColumn(logId), limit])
          return rows.map(eventOf)
        })
      },
      async published(logId, eventIds) {
        const names = eventIds.flatMap(nameOf)
        if (names.length === 0) return
        const log = toColumn(logId)
        const listed = JSON.stringify(names)
        const subjects = JSON.stringify([...new Set(names.map(([subject]) => subject))])
        await write(() => {
          const { changes } = sql.take.run([log, listed])
          if (changes < names.length) sql.receipt.run([log, listed])
          dropUnwanted(subjects)
        })
      },
    },
  }
}

/** An event's id is `<subject>/<seq>`. */
function nameOf(eventId: string): readonly (readonly [string, number])[] {
  const [, subject, seq] = /^(.*)\/([1-9]\d{0,14})$/s.exec(eventId) ?? []
  return subject === undefined ? [] : [[toColumn(subject), Number(seq)]]
}
