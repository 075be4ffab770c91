import type { AuditEvent, AuditSink } from '@gatewright/core'

/** A sink that keeps all it acknowledged, in order, and can be told to fail or to hang. */
export interface Tape extends AuditSink {
  readonly events: AuditEvent[]
  /** While set, appends for which it answers `true` reject, and keep nothing. */
  failing: ((events: readonly AuditEvent[]) => boolean) | null
  /** While set, appends for which it answers `true` never settle, and keep nothing. */
  hanging: ((events: readonly AuditEvent[]) => boolean) | null
}

/** Makes a sink. */
export function tape(logId = 'tape'): Tape {
  const known = new Set<string>()
  const events: AuditEvent[] = []
  return {
    logId,
    events,
    failing: null,
    hanging: null,
    async append(batch) {
      if (this.failing?.(batch)) throw new Error('no space left on device')
      if (this.hanging?.(batch)) return new Promise(() => {})
      for (const event of batch) {
        if (!known.has(event.id)) events.push(event)
        known.add(event.id)
      }
    },
    async close() {},
  }
}

/** Whether the events hold the text anywhere. */
export function mentions(events: readonly unknown[], text: string): boolean {
  return JSON.stringify(events).includes(text)
}
