import { AuditLogError, type Place } from '../errors'

/** The error of a log that is not what its writer left: it is not opened, and nothing in it is changed. */
export function damaged(place: Place, problem: string, cause?: unknown): AuditLogError<'ERR_LOG_DAMAGED'> {
  const { file = 'the log', offset, index } = place
  const at = `${file}${offset === undefined ? '' : ` at byte ${offset}`}${index === undefined ? '' : ` (entry ${index})`}`
  return new AuditLogError(
    'ERR_LOG_DAMAGED',
    `${at}: ${problem}. The log was not opened, and nothing in it was changed. Keep a copy, and verify it.`,
    { place, cause },
  )
}
