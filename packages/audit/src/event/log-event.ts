import type { AuditEvent, AuditEventType } from '@gatewright/core'

/** What the log says of itself, in the chain of the subject `log:<origin>`. */
export type LogOwnEventType =
  | 'log.opened'
  | 'log.closed'
  | 'log.cut'
  | 'log.rotated-key'
  | 'log.proved-key'
  | 'log.redacted'

/** Every type that this version writes. A log of a later version may hold others. */
export type LogEventType = AuditEventType | LogOwnEventType

/** An event as a log holds it: one of the engine's, or one of the log's own. */
export interface LogEvent extends Omit<AuditEvent, 'type'> {
  readonly type: LogEventType
}

/** The subject of the events that a log records about itself. */
export function logSubject(origin: string): string {
  return `log:${origin}`
}
