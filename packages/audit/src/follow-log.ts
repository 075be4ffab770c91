import { AuditLogError } from './errors'
import { FrameType } from './journal/frame'
import { type LogRecord, type ReadLogOptions, RecordReader } from './log-record'
import { findSegments, readChunks, type SegmentFile } from './verify/journal-chunks'

/** Options of {@link followLog}. */
export interface FollowLogOptions extends ReadLogOptions {
  /**
   * Called when all that is there was read; the log is read on once it resolves. Waking too often or for nothing costs a
   * look at the directory; never waking stops the reading.
   */
  readonly wait: () => Promise<void>
  /** Ends the reading, at the next wait at the latest. */
  readonly signal: AbortSignal
}

/**
 * The entries of a log, oldest first, and those that come while it is written to, over the beginning of new segments. An
 * entry comes once a checkpoint covers it: what was not acknowledged may be cut off again. Judges nothing.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED` when there is no journal, `ERR_LOG_ENTRY_INVALID` for an entry that is none
 */
export async function* followLog(
  directory: string,
  { signal, wait, ...options }: FollowLogOptions,
): AsyncGenerator<LogRecord, void, void> {
  const tail = new Tail(directory, options)
  while (!signal.aborted) {
    yield* tail.read()
    if (signal.aborted) return
    await wait()
  }
}

/** How far a log was read: to the end of a checkpoint. */
class Tail {
  readonly #directory: string
  readonly #reader: RecordReader
  #segment = -1
  #offset = 0
  #index = 0

  constructor(directory: string, options: ReadLogOptions) {
    this.#directory = directory
    this.#reader = new RecordReader(directory, options)
  }

  /** What was acknowledged since the last reading. */
  async *read(): AsyncGenerator<LogRecord, void, void> {
    // Listed before any is read: a segment that has a successor then has all that it will ever have.
    const segments = findSegments(this.#directory)?.segments ?? []
    if (segments.length === 0)
      throw new AuditLogError('ERR_LOG_DAMAGED', `${this.#directory} holds no log: there is no journal in it`)
    for (const segment of segments) {
      if (segment.first < this.#segment) continue
      if (segment.first > this.#segment) {
        this.#segment = segment.first
        this.#offset = 0
        this.#index = segment.first
      }
      yield* this.#readOn(segment)
    }
  }

  async *#readOn({ file, path }: SegmentFile): AsyncGenerator<LogRecord, void, void> {
    let pending: LogRecord[] = []
    for await (const { frames } of readChunks(path, this.#offset)) {
      for (const { end, offset, payload, type } of frames) {
        if (type === FrameType.entry) {
          const index = this.#index + pending.length
          pending.push(this.#reader.record(payload, { file, offset, index }))
        }
        if (type !== FrameType.checkpoint) continue
        const acknowledged = pending
        pending = []
        this.#offset = end
        this.#index += acknowledged.length
        yield* acknowledged
      }
    }
  }
}
