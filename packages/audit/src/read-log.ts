import { AuditLogError } from './errors'
import { FrameType } from './journal/frame'
import { type LogRecord, type ReadLogOptions, RecordReader } from './log-record'
import { findSegments, readChunks } from './verify/journal-chunks'

/**
 * The entries of a log, oldest first. Reads what is written, also while it is being written to, and judges nothing: who
 * must rely on it verifies it first. An incomplete frame at the end is what a writer is writing: it ends the reading.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED` when there is no journal, `ERR_LOG_ENTRY_INVALID` for an entry that is none
 */
export async function* readLog(
  directory: string,
  options: ReadLogOptions = {},
): AsyncGenerator<LogRecord, void, void> {
  const found = findSegments(directory)
  if (found === null || found.segments.length === 0)
    throw new AuditLogError('ERR_LOG_DAMAGED', `${directory} holds no log: there is no journal in it`)
  const reader = new RecordReader(directory, options)
  let index = 0
  for (const { path, file, first } of found.segments) {
    index = first
    for await (const { frames } of readChunks(path)) {
      for (const { type, payload, offset } of frames) {
        if (type !== FrameType.entry) continue
        yield reader.record(payload, { file, offset, index })
        index += 1
      }
    }
  }
}
