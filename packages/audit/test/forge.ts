import type { AuditEvent } from '@gatewright/core'
import { chainHash } from '../src/event'

/** What a forger makes of an event: another one, none, or several. */
export type Change = (event: AuditEvent) => AuditEvent | readonly AuditEvent[]

/** Forges events as whoever holds the log and its key would: every chain is numbered and hashed anew. */
export function forge(events: readonly AuditEvent[], change: Change): AuditEvent[] {
  const heads = new Map<string, { seq: number; hash: string }>()
  return events
    .flatMap((event) => change(event))
    .map((event) => {
      const head = heads.get(event.subject)
      const seq = (head?.seq ?? 0) + 1
      const forged = { ...event, id: `${event.subject}/${seq}`, seq, previous: head?.hash ?? null }
      heads.set(event.subject, { seq, hash: chainHash(forged) })
      return forged
    })
}

/** The event with other data, at another time. */
export function told(event: AuditEvent, data: Record<string, unknown>, later = 0): AuditEvent {
  return { ...event, time: event.time + later, data: { ...event.data, ...data } as AuditEvent['data'] }
}

/** Changes events of one type. */
export const only =
  (type: string, change: Change): Change =>
  (event) =>
    event.type === type ? change(event) : event
