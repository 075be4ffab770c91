import type { Finding } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'

/** One finding as one line. Names may come from a log that somebody made: nothing in them may steer a terminal. */
export function findingLine({ severity, code, message, place }: Finding): string {
  const { directory, file, offset, index, eventId } = place
  const where = [
    [directory, file].filter((part) => part !== null).join('/'),
    offset === null ? '' : `at byte ${offset}`,
    index === null ? '' : `entry ${index}`,
    eventId ?? '',
  ].filter((part) => part !== '')
  return makeVisible(`${severity} ${code}${where.length === 0 ? '' : ` (${where.join(', ')})`}: ${message}`)
    .text
}
