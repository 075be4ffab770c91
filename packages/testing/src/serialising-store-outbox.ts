import { type ApprovalRequest, type AuditEvent, illegalMove } from '@gatewright/core'
import type { Tables } from './memory-disk'

/** A recorded event, with its place among all of them. */
interface EventRow {
  readonly place: number
  readonly event: AuditEvent
}

/** An event that no log has acknowledged. */
interface OutboxRow {
  readonly place: number
  readonly id: string
}

/** Records the events of a move. */
export function recordMove(tables: Tables, events: readonly AuditEvent[]): void {
  for (const event of events) {
    const place = (tables.read<number>('sequence', 'event') ?? 0) + 1
    const row: EventRow = { place, event }
    tables.write('sequence', 'event', place)
    tables.write('events', event.id, row)
    tables.write('outbox', event.id, { place, id: event.id } satisfies OutboxRow)
  }
}

/**
 * Records events that belong to no request. Those that are recorded already are left as they are.
 *
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a gap, or an event of a request
 */
export function recordLoose(tables: Tables, events: readonly AuditEvent[]): void {
  for (const event of events) {
    const { subject, seq, id } = event
    if (tables.read('requests', subject) !== null)
      throw illegalMove(subject, "a request's events come with its moves")
    if (tables.read('events', id) !== null) continue
    const follows = seq === 1 || tables.read('events', `${subject}/${seq - 1}`) !== null
    if (!follows) throw illegalMove(subject, `event ${id} follows nothing`)
    recordMove(tables, [event])
  }
}

/** What no log has acknowledged; or what one log has not, of one subject. Oldest first. */
export function unpublished(
  tables: Tables,
  { logId, subject, limit }: { readonly logId: string; readonly subject?: string; readonly limit: number },
): readonly AuditEvent[] {
  if (subject === undefined) {
    const waiting = tables.scan<OutboxRow>('outbox').sort(byPlace).slice(0, limit)
    return waiting.flatMap(({ id }) => tables.read<EventRow>('events', id)?.event ?? [])
  }
  return tables
    .scan<EventRow>('events', ({ event }) => event.subject === subject)
    .filter(({ event }) => tables.read('acknowledgements', receipt(logId, event.id)) === null)
    .sort(byPlace)
    .slice(0, limit)
    .map(({ event }) => event)
}

/** Notes that a log holds events. */
export function acknowledge(tables: Tables, logId: string, eventIds: readonly string[]): void {
  for (const id of eventIds) {
    if (tables.read('events', id) === null) continue
    tables.write('acknowledgements', receipt(logId, id), { logId, id })
    tables.delete('outbox', id)
  }
}

/** Whether some event of the request is in no log. */
export function hasUnpublished(tables: Tables, request: ApprovalRequest): boolean {
  return eventIds(request).some((id) => tables.read('outbox', id) !== null)
}

/** Deletes the events of a request. */
export function forgetEvents(tables: Tables, request: ApprovalRequest): void {
  const ids = new Set(eventIds(request))
  for (const id of ids) tables.delete('events', id)
  for (const row of tables.scan<{ logId: string; id: string }>('acknowledgements', ({ id }) => ids.has(id))) {
    tables.delete('acknowledgements', receipt(row.logId, row.id))
  }
}

function byPlace(one: { readonly place: number }, other: { readonly place: number }): number {
  return one.place - other.place
}

function eventIds({ id, lastEvent }: ApprovalRequest): readonly string[] {
  return Array.from({ length: lastEvent.seq }, (_, index) => `${id}/${index + 1}`)
}

function receipt(logId: string, eventId: string): string {
  return JSON.stringify([logId, eventId])
}
