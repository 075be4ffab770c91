import type { Json } from '@gatewright/core'
import { csvCell } from '../csv-cell'
import { type EventFacts, factReader } from './event-facts'
import { textOf } from './fact-person'
import { checkExportOptions, type ExportOptions, type ExportRecord, exportRecords } from './log-records'

type Cell = (record: ExportRecord, facts: EventFacts) => string | null

const data =
  (name: string): Cell =>
  ({ event }) =>
    textOf(event.data[name])

/** The columns, in their order. New ones are added at the end, before none is taken away. */
const COLUMNS: Readonly<Record<string, Cell>> = {
  time: ({ event }) => new Date(event.time).toISOString(),
  type: ({ event }) => event.type,
  event_id: ({ event }) => event.id,
  request_id: (_, { requestId }) => requestId,
  log: ({ origin }) => origin,
  log_index: ({ index }) => `${index}`,
  source: ({ event }) => event.source,
  action: (_, { action }) => action,
  requester: (_, { requester }) => requester,
  on_behalf_of_issuer: (_, { onBehalfOf }) => onBehalfOf?.issuer ?? null,
  on_behalf_of_subject: (_, { onBehalfOf }) => onBehalfOf?.subject ?? null,
  actor_issuer: (_, { actor }) => actor?.issuer ?? null,
  actor_subject: (_, { actor }) => actor?.subject ?? null,
  actor_name: (_, { actor }) => actor?.name ?? null,
  actor_assurance: (_, { actor }) => actor?.method ?? null,
  channel: data('channel'),
  decision: (_, { decision }) => decision,
  basis: (_, { basis }) => basis,
  reason: (_, { reason }) => reason,
  policy_hash: data('policyHash'),
  arguments_digest: data('argumentsDigest'),
  review_digest: data('reviewDigest'),
  result_digest: data('resultDigest'),
  duration_ms: data('durationMs'),
  summary: (_, { summary }) => summary,
  grant_id: data('grantId'),
  previous: ({ event }) => event.previous,
  data: ({ event }) => JSON.stringify(event.data satisfies Json),
}

const LINE_END = '\r\n'

/**
 * The events of logs as CSV (RFC 4180): a header, then a line for each event, oldest first. The column `data` holds all that
 * an event says, as JSON; the others repeat what people sort and filter by. A cell that a spreadsheet would take for a
 * formula begins with an apostrophe; in `data` nothing is changed. Judges nothing: verify the logs first.
 *
 * @returns one string for each line, its end included, as the logs are read: millions of events stream
 * @throws OptionError `ERR_OPTION_INVALID`, before the first line
 * @throws AuditLogError `ERR_LOG_DAMAGED` where there is no log, `ERR_LOG_ENTRY_INVALID` for an entry that is none
 */
export async function* exportCsv(options: ExportOptions): AsyncGenerator<string, void, void> {
  checkExportOptions(options, 'exportCsv')
  const { directories, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options
  const cells = Object.values(COLUMNS)
  const factsOf = factReader()
  yield Object.keys(COLUMNS).join(',') + LINE_END
  for await (const record of exportRecords(directories, options)) {
    const facts = factsOf(record.event)
    if (record.event.time < since || record.event.time >= until) continue
    yield cells.map((cell) => csvCell(cell(record, facts) ?? '')).join(',') + LINE_END
  }
}
