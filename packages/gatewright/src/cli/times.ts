import { UsageError } from './exit'

const TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * A time from the command line, in milliseconds since the epoch. Without a zone it is UTC, as everything that is printed.
 *
 * @param name - of the option, for the message
 * @throws UsageError
 */
export function parseTime(name: string, text: string): number {
  const match = TIME.exec(text)
  const iso = text.replace(' ', 'T')
  const time =
    match === null ? Number.NaN : Date.parse(iso.length > 10 && match[1] === undefined ? `${iso}Z` : iso)
  if (Number.isNaN(time))
    throw new UsageError(`--${name} ${text} is no time: write it as 2026-11-21 or 2026-11-21T10:00:00Z`)
  return time
}

/** The period between `--since` and `--until`. @throws UsageError */
export function parsePeriod({ since, until }: { since?: string | undefined; until?: string | undefined }): {
  since?: number
  until?: number
} {
  const period = {
    ...(since === undefined ? {} : { since: parseTime('since', since) }),
    ...(until === undefined ? {} : { until: parseTime('until', until) }),
  }
  if (period.since !== undefined && period.until !== undefined && period.since >= period.until)
    throw new UsageError(`--until ${until} is not after --since ${since}: nothing lies between them`)
  return period
}
