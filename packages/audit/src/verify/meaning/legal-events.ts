import type { LogEventType } from '../../event'

/** Which events may come while a request waits for people (DESIGN section 3). */
export const WHILE_PENDING: ReadonlySet<LogEventType> = new Set<LogEventType>([
  'request.vote-cast',
  'request.edited',
  'request.approved',
  'request.rejected',
  'request.expired',
  'request.cancelled',
  'request.undeliverable',
  'request.reminded',
  'request.escalated',
])

/** Which events may come while an approval waits to be used. */
export const WHILE_APPROVED: ReadonlySet<LogEventType> = new Set<LogEventType>([
  'request.cancelled',
  'request.lapsed',
  'request.invalidated',
  'execution.started',
])
