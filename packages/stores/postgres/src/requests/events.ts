import type { AuditEvent } from '@gatewright/core'
import { type Columns, columnsOf } from '../columns'
import type { Rows } from '../rows'

/** An event as it is stored. */
export interface SealedEvent {
  readonly subject: string
  readonly seq: number
  readonly body: string
}

/** Serialises the events of a subject, given as its token. */
export function sealEvents(
  rows: Rows,
  subject: string,
  events: readonly AuditEvent[],
): readonly SealedEvent[] {
  return events.map((event) => ({ subject, seq: event.seq, body: rows.sealEvent(event, subject) }))
}

/** The events of a batch, as columns: `part` puts those of one instant in order. */
export function eventColumns(events: readonly SealedEvent[]): Columns<'subject' | 'seq' | 'part' | 'body'> {
  const columns = columnsOf({ subject: 'text', seq: 'int4', part: 'int4', body: 'text' })
  for (const [part, event] of events.entries()) columns.add({ ...event, part })
  return columns
}
