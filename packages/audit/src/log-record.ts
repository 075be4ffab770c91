import { readFileSync } from 'node:fs'
import type { Place } from './errors'
import { bodyReference, decodeEntry, type LogEvent, restoreBody } from './event'
import { bodyPath } from './journal/bodies'
import { discloseEvent } from './openings/open-commitment'
import { OpeningsReader } from './openings/openings-reader'

/** One entry of a log, as it was read. */
export interface LogRecord {
  /** With its data, also where that is kept beside the entry; where it is not there, a reference to it stands instead. */
  readonly event: LogEvent
  /** Its index in the log, from 0. */
  readonly index: number
  /** The stored bytes as text: one line of canonical JSON. */
  readonly text: string
}

/** Options of reading a log. */
export interface ReadLogOptions {
  /** Whether events hold the personal values that the log has as commitments, where they lie beside it. @default false */
  readonly disclose?: boolean
}

/** Makes records of a log's entries, with what lies beside the log put in its place. */
export class RecordReader {
  readonly #directory: string
  readonly #openings: OpeningsReader

  constructor(directory: string, { disclose = false }: ReadLogOptions = {}) {
    this.#directory = directory
    this.#openings = new OpeningsReader(disclose ? directory : null)
  }

  /** @throws AuditLogError `ERR_LOG_ENTRY_INVALID` for an entry that is none */
  record(entry: Buffer, place: Place & { readonly index: number }): LogRecord {
    const { index } = place
    const event = withBody(this.#directory, decodeEntry(entry, place))
    return { event: discloseEvent(event, this.#openings.of(index)), index, text: entry.toString('utf8') }
  }
}

function withBody(directory: string, event: LogEvent): LogEvent {
  const reference = bodyReference(event)
  if (reference === null) return event
  try {
    return restoreBody(event, readFileSync(bodyPath(directory, reference.body)))
  } catch {
    // Nothing is judged here: the verifier tells that it is missing, or another.
    return event
  }
}
