import type { ApprovalStore, AuditEvent } from '@gatewright/core'
import { toColumn } from '../database/column-text'
import type { Row } from '../database/connection'
import type { Vault } from '../documents/vault'
import type { EventDocument, EventRun } from '../writes/event-writes'
import type { Parts } from './parts'

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

/** Makes the outbox. */
export function createOutbox({ vault, read, write }: Parts): ApprovalStore['outbox'] {
  const eventOf = ([subject, seq, doc]: Row): AuditEvent =>
    vault.open('events', [String(subject), Number(seq)], doc)

  return {
    async record(events) {
      const documents = documentsOf(vault, events)
      if (documents.length > 0) await write('record', documents)
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
      const runs = runsOf(eventIds)
      if (runs.length > 0) await write('published', toColumn(logId), runs)
    },
  }
}

/** Events by their ids, `<subject>/<seq>`, as runs. What is none of an event's is left out. */
function runsOf(eventIds: readonly string[]): readonly EventRun[] {
  const runs: [string, number, number][] = []
  // Those of one subject that follow each other stand apart where others came in between.
  const newest = new Map<string, [string, number, number]>()
  for (const id of eventIds) {
    const [, subject, seq] = /^(.*)\/([1-9]\d{0,14})$/s.exec(id) ?? []
    if (subject === undefined) continue
    const column = toColumn(subject)
    const last = newest.get(column)
    if (last !== undefined && last[2] + 1 === Number(seq)) {
      last[2] += 1
      continue
    }
    const run: [string, number, number] = [column, Number(seq), Number(seq)]
    newest.set(column, run)
    runs.push(run)
  }
  return runs
}
