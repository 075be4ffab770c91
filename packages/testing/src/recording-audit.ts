import type { AuditEvent, AuditEventType, AuditSink } from '@gatewright/core'

/** A sink that keeps everything it acknowledged, for tests. */
export interface RecordingAudit extends AuditSink {
  /** Every event, in the order of arrival. */
  readonly events: readonly AuditEvent[]
  /** The events of one request or call: those of its own chain, and those that speak of it (a refused vote, a delivery). */
  of(requestId: string): readonly AuditEvent[]
  /** The types of all events, or of one request's, in order. */
  types(requestId?: string): readonly AuditEventType[]
}

/**
 * A sink that keeps everything in memory. Idempotent by event id; rejects once it is closed.
 *
 * @example
 * ```ts
 * import { recordingAudit } from '@gatewright/testing'
 *
 * const audit = recordingAudit()
 * console.log(audit.types())
 * ```
 */
export function recordingAudit(): RecordingAudit {
  return recordingAuditWith(async () => {})
}

/** A recording sink that first does something: wait, or fail. What that rejects is not kept. */
export function recordingAuditWith(before: (events: readonly AuditEvent[]) => Promise<void>): RecordingAudit {
  const events: AuditEvent[] = []
  const ids = new Set<string>()
  let closed = false

  function of(requestId: string): readonly AuditEvent[] {
    return events.filter(({ subject, data }) => subject === requestId || data.requestId === requestId)
  }

  return {
    logId: 'recording',
    events,
    of,
    types: (requestId) => (requestId === undefined ? events : of(requestId)).map(({ type }) => type),
    async append(batch) {
      await before(batch)
      if (closed) throw new Error('the recording audit sink is closed, so nothing was kept')
      for (const event of batch) {
        if (ids.has(event.id)) continue
        ids.add(event.id)
        events.push(event)
      }
    },
    async close() {
      closed = true
    },
  }
}
