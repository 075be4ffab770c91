import type { AuditEvent, AuditSink } from '@gatewright/core'

/** Lines that outlive the sinks which write them. `broken`: nothing can be written. */
export interface SinkMedium {
  readonly lines: string[]
  broken: boolean
}

/** A right sink over such lines: the smallest that does all that the contract says. */
export function durableSink(medium: SinkMedium): AuditSink {
  let closed = false
  let poisoned = false
  return {
    logId: 'durable',
    async append(events) {
      if (closed) throw new Error('closed')
      // As text at once: the caller may change the events.
      const lines = events.map((event) => JSON.stringify(event))
      if (medium.broken || poisoned) {
        poisoned = true
        throw new Error('cannot write')
      }
      const known = new Set(readMedium(medium).map(({ id }) => id))
      for (const [index, line] of lines.entries()) {
        const { id } = events[index] ?? { id: '' }
        if (!known.has(id)) medium.lines.push(line)
        known.add(id)
      }
    },
    async close() {
      closed = true
    },
  }
}

/** What stands in the lines. */
export function readMedium({ lines }: SinkMedium): readonly AuditEvent[] {
  return lines.map((line) => JSON.parse(line) as AuditEvent)
}
