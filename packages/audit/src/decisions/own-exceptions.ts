import type { LogEvent } from '../event'
import { listOf, numberOf } from '../verify/meaning/facts'
import type { DecisionException, ExceptionCode } from './exceptions'
import { shownText } from './read-data'

/** What an event of a gate or a log tells about itself that an auditor should know; `null` when it is nothing of the kind. */
export function ownException(event: LogEvent): DecisionException | null {
  const told = tell(event)
  if (told === null) return null
  const [code, text] = told
  return { code, at: event.time, eventId: event.id, subject: null, text }
}

function tell({ data, source, type }: LogEvent): readonly [ExceptionCode, string] | null {
  switch (type) {
    case 'gate.started':
      return data.mode === 'observe'
        ? [
            'gate-observing',
            `The gate ${source} was started in observe mode, for the agent ${shownText(data.agent) ?? '?'}.`,
          ]
        : null
    case 'gate.sealed':
      return [
        'gate-sealed',
        `The gate ${source} let nothing run any more: ${shownText(data.reason) ?? 'no reason stated'}.`,
      ]
    case 'audit.degraded':
      return [
        'audit-degraded',
        `The gate ${source} could not write to the log ${shownText(data.logId) ?? '?'} (${shownText(data.error) ?? 'no error stated'}).`,
      ]
    case 'log.cut':
      return [
        'log-cut',
        `${numberOf(data.bytes) ?? '?'} bytes that were never acknowledged were cut from ${shownText(data.file) ?? 'a file'} of the log ${source}.`,
      ]
    case 'log.redacted':
      return [
        'log-redacted',
        `${listOf(data.fields).length} values beside the log ${source} were erased by ${shownText(data.by) ?? 'somebody'}: ${shownText(data.reason) ?? 'no reason stated'}.`,
      ]
    case 'log.rotated-key':
      return ['key-rotated', `The log ${source} is signed with another key from here on.`]
    default:
      return null
  }
}
