import { randomUUID } from 'node:crypto'
import type { AuditEvent, AuditSink } from './contracts/audit'
import { GatewrightError, OptionError } from './errors'
import { freezeJson } from './memory/freeze'
import { checkCount, isText } from './values/checks'
import { checkOptions } from './values/options'

/** Options of {@link memoryAudit}. */
export interface MemoryAuditOptions {
  /** Names the log. @default a random one */
  readonly logId?: string
  /** How many events are kept: the newest. @default 10,000 */
  readonly limit?: number
}

/** A log that can be looked at. */
export interface MemoryAudit extends AuditSink {
  /** The kept events, oldest first: a copy as things stand. */
  readonly events: readonly AuditEvent[]
}

/**
 * A log that lives and dies with the program, for tests and ephemeral gates. Keeps the newest events, each id once.
 * Rejects with `ERR_AUDIT_UNAVAILABLE` once closed.
 *
 * @throws OptionError for an option that is wrong or unknown
 */
export function memoryAudit(options: MemoryAuditOptions = {}): MemoryAudit {
  checkOptions(options, ['logId', 'limit'], 'memoryAudit')
  const { logId = `memory:${randomUUID()}`, limit = 10_000 } = options
  if (!isText(logId)) throw new OptionError('memoryAudit.logId', 'must be a non-empty string')
  checkCount(limit, 'memoryAudit.limit')
  // A ring once it is full: `oldest` is where the next event goes.
  const ring: AuditEvent[] = []
  let oldest = 0
  // Ids, not the newest number of each subject: where several logs take turns, 2 may come before 1.
  const ids = new Set<string>()
  let closed = false

  function keep(event: AuditEvent): void {
    if (ids.has(event.id)) return
    ids.add(event.id)
    if (ring.length < limit) {
      ring.push(event)
      return
    }
    const dropped = ring[oldest]
    if (dropped !== undefined) ids.delete(dropped.id)
    ring[oldest] = event
    oldest = (oldest + 1) % limit
  }

  return {
    logId,
    get events() {
      // Frozen when somebody looks: events are immutable by contract, and most are never looked at.
      return [...ring.slice(oldest), ...ring.slice(0, oldest)].map(freezeJson)
    },
    append(events) {
      if (closed) {
        throw new GatewrightError(
          'ERR_AUDIT_UNAVAILABLE',
          'the log was closed. None of the events was written.',
        )
      }
      for (const event of events) keep(event)
    },
    close() {
      closed = true
    },
  }
}
