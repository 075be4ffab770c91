import { factReader } from '../event-facts'
import { checkExportOptions, type ExportOptions, exportRecords } from '../log-records'
import { ocsfEvent } from './ocsf-event'

/**
 * The events of logs in the Open Cybersecurity Schema Framework 1.8.0, as JSON Lines, oldest first. docs/audit.md says which
 * event becomes which class. Judges nothing: verify the logs first.
 *
 * @returns one string for each event, its line end included, as the logs are read: millions of events stream
 * @throws OptionError `ERR_OPTION_INVALID`, before the first line
 * @throws AuditLogError `ERR_LOG_DAMAGED` where there is no log, `ERR_LOG_ENTRY_INVALID` for an entry that is none
 */
export async function* exportOcsf(options: ExportOptions): AsyncGenerator<string, void, void> {
  checkExportOptions(options, 'exportOcsf')
  const { directories, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options
  const factsOf = factReader()
  for await (const record of exportRecords(directories, options)) {
    const facts = factsOf(record.event)
    const { time } = record.event
    if (time >= since && time < until) yield `${JSON.stringify(ocsfEvent(record, facts))}\n`
  }
}
