import { readFileSync } from 'node:fs'
import { AuditLogError } from './errors'
import { bodyReference, decodeEntry, type LogEvent, restoreBody } from './event'
import { bodyPath } from './journal/bodies'
import { FrameType } from './journal/frame'
import { discloseEvent } from './openings/open-commitment'
import { OpeningsReader } from './openings/openings-reader'
import { findSegments, readChunks } from './verify/journal-chunks'

/** One entry of a log, as it was read. */
export interface LogRecord {
  /** With its data, also where that is kept beside the entry; where it is not there, a reference to it stands instead. */
  readonly event: LogEvent
  /** Its index in the log, from 0. */
  readonly index: number
  /** The stored bytes as text: one line of canonical JSON. */
  readonly text: string
}

/** Options of {@link readLog}. */
export interface ReadLogOptions {
  /** Whether events hold the personal values that the log has as commitments, where they are beside it. @default false */
  readonly disclose?: boolean
}

/**
 * The entries of a log, oldest first. Reads what is written, also while it is being written to, and judges nothing: who
 * must rely on it verifies it first. An incomplete frame at the end is what a writer is writing: it ends the reading.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED` when there is no journal, `ERR_LOG_ENTRY_INVALID` for an entry that is none
 */
export async function* readLog(
  directory: string,
  { disclose = false }: ReadLogOptions = {},
): AsyncGenerator<LogRecord, void, void> {
  const found = await findSegments(directory)
  if (found === null || found.segments.length === 0)
    throw new AuditLogError('ERR_LOG_DAMAGED', `${directory} holds no log: there is no journal in it`)
  const openings = new OpeningsReader(disclose ? directory : null)
  let index = 0
  for (const { path, file, first } of found.segments) {
    index = first
    for await (const { frames } of readChunks(path)) {
      for (const { type, payload, offset } of frames) {
        if (type !== FrameType.entry) continue
        const event = withBody(directory, decodeEntry(payload, { file, offset, index }))
        yield { event: discloseEvent(event, openings.of(index)), index, text: payload.toString('utf8') }
        index += 1
      }
    }
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
