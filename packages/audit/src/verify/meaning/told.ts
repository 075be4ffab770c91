import type { LogEvent } from '../../event'
import type { FindingPlace, MeaningCode, Severity } from '../verdict'

/** An event as it was read from a log. */
export interface LoggedEvent {
  readonly event: LogEvent
  /** Its chain hash: what its successor carries as `previous`. `null` when its body is not there to be hashed. */
  readonly hash: string | null
  /** Which of the given logs holds it, by position. */
  readonly log: number
  readonly file: string
  readonly offset: number
  readonly index: number
}

/** Tells of something that is wrong with an event. */
export type Tell = (severity: Severity, code: MeaningCode, message: string, about: LoggedEvent) => void

/** An event without its data, which is most of it: for what is kept while a chain is open, to be told of later. */
export function outlineOf(about: LoggedEvent): LoggedEvent {
  return { ...about, event: { ...about.event, data: {} } }
}

/** Where an event stands. */
export function placeOf(directories: readonly string[], about: LoggedEvent): FindingPlace {
  const { event, file, index, log, offset } = about
  return { directory: directories[log] ?? null, file, offset, index, eventId: event.id }
}

/**
 * How far two times may be apart that one store's clock judged: events carry the time as a process knew it just before
 * its move was applied, and processes differ a little.
 */
export const CLOCK_SLACK_MS = 5_000

/** How bad it is that `time` lies after `limit`; `null` when it does not. */
export function lateness(time: number, limit: number): Severity | null {
  if (time <= limit) return null
  return time <= limit + CLOCK_SLACK_MS ? 'warning' : 'error'
}
