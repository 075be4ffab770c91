import type { Statement, WritingConnection } from '../database/connection'
import type { Sealed } from '../documents/vault'
import { prepareAll } from './statements'
import { Refused, type Transaction } from './transaction'

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

/** Events within a transaction. */
export interface EventRows {
  /** Records events of which it is known that they go on where their chain stands. */
  insert(documents: readonly EventDocument[]): void
  /** Deletes all events of a subject. */
  drop(subject: string): void
  /**
   * Records events that belong to no request. What is recorded already is left as it is.
   *
   * @throws Refused for a gap, or an event of a request
   */
  recordLoose(documents: readonly EventDocument[]): void
}

/** The writes of the outbox. */
export interface EventWrites {
  record(transaction: Transaction, documents: readonly EventDocument[]): void
  /** @param names - `[subject, seq]` of each event @param subjects - theirs, each once */
  published(
    transaction: Transaction,
    log: string,
    names: readonly (readonly [string, number])[],
    subjects: readonly string[],
  ): void
}

/** Makes them. */
export async function createEventWrites(
  database: WritingConnection,
): Promise<{ readonly rows: EventRows; readonly writes: EventWrites }> {
  const sql = await prepareAll(database, TEXTS)
  const rows = createRows(sql)

  /**
   * Drops events that nobody wants: those of no request once some log has the whole chain, those of a request once the one log
   * that has any of them has all. Where several logs have some they stay until `forget`.
   */
  function dropUnwanted(subjects: readonly string[]): void {
    for (const subject of JSON.parse(
      String(sql.ended.get([JSON.stringify(subjects)])?.[0]),
    ) as string[]) {
      const [unpublished, logs, receipts] = (sql.holders.get([subject]) ?? []).map(Number)
      if (unpublished !== 0) continue
      const alone = logs === 1 && receipts === 0
      if (alone || sql.isRequest.get([subject]) === undefined) rows.drop(subject)
    }
  }

  return {
    rows,
    writes: {
      record: (_, documents) => rows.recordLoose(documents),
      published(_, log, names, subjects) {
        const listed = JSON.stringify(names)
        const { changes } = sql.take.run([log, listed])
        if (changes < names.length) sql.receipt.run([log, listed])
        dropUnwanted(subjects)
      },
    },
  }
}

function createRows(sql: Readonly<Record<keyof typeof TEXTS, Statement>>): EventRows {
  function insert(documents: readonly EventDocument[]): void {
    for (const { subject, seq, doc } of documents) sql.insert.run([subject, seq, doc])
  }

  return {
    insert,
    drop(subject) {
      sql.dropReceipts.run([subject])
      sql.drop.run([subject])
    },
    recordLoose(documents) {
      for (const document of documents) {
        const { subject, seq } = document
        if (sql.isRequest.get([subject]) !== undefined)
          throw new Refused(subject, "a request's events come with its moves")
        const head = sql.head.get([subject])?.[0] ?? null
        if (head !== null && seq > Number(head) + 1)
          throw new Refused(subject, `event ${seq} does not follow event ${head}`)
        if (head === null || seq > Number(head)) insert([document])
      }
    },
  }
}
