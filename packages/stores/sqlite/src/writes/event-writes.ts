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

/** Events that follow each other: a subject, the number of the first, the number of the last. */
export type EventRun = readonly [subject: string, first: number, last: number]

const RUN = 'subject = ?2 AND seq BETWEEN ?3 AND ?4'

/** Of requests that stand so something may still be recorded, and nothing of them is dropped. */
const KEPT = ['pending', 'approved', 'executing', 'unknown']

const insert = (rows: number): string =>
  `INSERT INTO events (subject, seq, doc) VALUES ${Array.from({ length: rows }, () => '(?, ?, ?)').join()}`

const TEXTS = {
  insert: insert(1),
  insertTwo: insert(2),
  insertEight: insert(8),
  insertMany: insert(32),
  // A subject that is new: neither a request nor known, so that its first event begins its chain.
  begin: `INSERT INTO events (subject, seq, doc) SELECT ?1, 1, ?2 WHERE
    NOT EXISTS (SELECT 1 FROM requests WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM events WHERE subject = ?1)`,
  status: 'SELECT status FROM requests WHERE id = ?',
  head: 'SELECT max(seq) FROM events WHERE subject = ?',
  take: `UPDATE events SET log = ?1 WHERE ${RUN} AND log IS NULL`,
  receipt: `INSERT OR IGNORE INTO receipts (place, log) SELECT place, ?1 FROM events WHERE ${RUN} AND log <> ?1`,
  // All of a subject that is kept for nothing, where the run has all that no log has, and no other log has any.
  dropRun: `DELETE FROM events WHERE subject = ?2
    AND NOT EXISTS (SELECT 1 FROM requests WHERE id = ?2 AND status IN (${KEPT.map((status) => `'${status}'`)}))
    AND NOT EXISTS (
      SELECT 1 FROM events WHERE subject = ?2 AND (log <> ?1 OR (log IS NULL AND seq NOT BETWEEN ?3 AND ?4)))
    AND NOT EXISTS (SELECT 1 FROM receipts)`,
  // How many no log has; whether one log was the first to have all others.
  holders: 'SELECT count(*) - count(log), min(log) = max(log) FROM events WHERE subject = ?',
  anyReceipt: 'SELECT 1 FROM receipts LIMIT 1',
  receipts: 'SELECT 1 FROM receipts WHERE place IN (SELECT place FROM events WHERE subject = ?) LIMIT 1',
  dropReceipts: 'DELETE FROM receipts WHERE place IN (SELECT place FROM events WHERE subject = ?)',
  drop: 'DELETE FROM events WHERE subject = ?',
}

/** Events within a transaction. */
export interface EventRows {
  /**
   * Records events of requests, of which it is known that they go on where their chain stands. They are gathered, since one
   * statement for many costs half of what many cost: their rows are there after `flush`.
   */
  insert(documents: readonly EventDocument[]): void
  /** Writes what was gathered. Before anything is asked of rows of requests, and before the transaction ends. */
  flush(): void
  /** What was gathered is not written: its transaction, or its part of one, was taken back. */
  discard(): void
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
  published(transaction: Transaction, log: string, runs: readonly EventRun[]): void
}

/** Makes them. */
export async function createEventWrites(
  database: WritingConnection,
): Promise<{ readonly rows: EventRows; readonly writes: EventWrites }> {
  const sql = await prepareAll(database, TEXTS)
  const rows = createRows(sql)

  /**
   * Notes what a log holds of one subject, and drops events that nobody wants: those of no request once some log has the whole
   * chain, those of a request that ended once the one log that has any of them has all. Where several logs have some they stay
   * until `forget`.
   */
  function publishedOf(log: string, subject: string, runs: readonly EventRun[]): void {
    const [run] = runs
    // Nearly always a log gets all that is left at once, and nothing need be noted of what goes.
    if (run !== undefined && runs.length === 1 && sql.dropRun.run([log, ...run]).changes > 0) return
    const status = sql.status.get([subject])?.[0]
    for (const [, first, last] of runs) {
      const { changes } = sql.take.run([log, subject, first, last])
      if (changes <= last - first) sql.receipt.run([log, subject, first, last])
    }
    if (KEPT.includes(String(status))) return
    const [unpublished, alone] = (sql.holders.get([subject]) ?? []).map(Number)
    if (unpublished !== 0) return
    if (status === undefined || (alone === 1 && !hasReceipts(subject))) rows.drop(subject)
  }

  /** Nearly no file has any: most gates share one log. */
  function hasReceipts(subject: string): boolean {
    return sql.anyReceipt.get([]) !== undefined && sql.receipts.get([subject]) !== undefined
  }

  return {
    rows,
    writes: {
      record: (_, documents) => rows.recordLoose(documents),
      published(_, log, runs) {
        rows.flush()
        for (const [subject, own] of bySubject(runs)) publishedOf(log, subject, own)
      },
    },
  }
}

function createRows(sql: Readonly<Record<keyof typeof TEXTS, Statement>>): EventRows {
  let gathered: EventDocument[] = []
  const inserts = [
    [32, sql.insertMany],
    [8, sql.insertEight],
    [2, sql.insertTwo],
    [1, sql.insert],
  ] as const

  function flush(): void {
    const documents = gathered
    gathered = []
    let at = 0
    for (const [rows, statement] of inserts)
      for (; documents.length - at >= rows; at += rows)
        statement.run(documents.slice(at, at + rows).flatMap(({ subject, seq, doc }) => [subject, seq, doc]))
  }

  return {
    insert: (documents) => void gathered.push(...documents),
    flush,
    discard() {
      gathered = []
    },
    drop(subject) {
      flush()
      if (sql.anyReceipt.get([]) !== undefined) sql.dropReceipts.run([subject])
      sql.drop.run([subject])
    },
    recordLoose(documents) {
      for (const { subject, seq, doc } of documents) {
        if (seq === 1 && sql.begin.run([subject, doc]).changes === 1) continue
        if (sql.status.get([subject]) !== undefined)
          throw new Refused(subject, "a request's events come with its moves")
        const head = sql.head.get([subject])?.[0] ?? null
        if (head !== null && seq > Number(head) + 1)
          throw new Refused(subject, `event ${seq} does not follow event ${head}`)
        if (head === null || seq > Number(head)) sql.insert.run([subject, seq, doc])
      }
    },
  }
}

function bySubject(runs: readonly EventRun[]): ReadonlyMap<string, readonly EventRun[]> {
  const subjects = new Map<string, EventRun[]>()
  for (const run of runs) {
    const own = subjects.get(run[0])
    if (own === undefined) subjects.set(run[0], [run])
    else own.push(run)
  }
  return subjects
}
