import { isAuditLogError } from '../errors'
import { bodyReference } from '../event'
import type { LogRecord, ReadLogOptions } from '../log-record'
import { readLog } from '../read-log'
import type { DecisionGrant } from './decision'
import { DecisionFold, type FoldResult } from './decision-fold'

/** A log to read decisions from. */
export interface DecisionLog extends ReadLogOptions {
  readonly directory: string
  /** Entries to read: what follows was not verified. @default all */
  readonly size?: number
}

/** What was read. */
export interface DecisionReading {
  readonly entries: number
  readonly grants: readonly DecisionGrant[]
  /** What kept something from being read, in words. */
  readonly problems: readonly string[]
}

const MOST_PROBLEMS = 100

/**
 * Reads the decisions of logs that tell one story, each as it ends, those still open at last. Judges nothing: verify the
 * logs first. What cannot be read is told, and left out.
 */
export async function readDecisions(
  logs: readonly DecisionLog[],
  result: FoldResult,
): Promise<DecisionReading> {
  const fold = new DecisionFold(result)
  const problems: string[] = []
  const tell = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem)
  }
  let entries = 0
  const cursors = await Promise.all(logs.map((log) => Cursor.open(log, tell)))
  for (;;) {
    const cursor = earliest(cursors)
    if (cursor === null) break
    const { event, index } = cursor.record as LogRecord
    entries += 1
    if (bodyReference(event) !== null)
      tell(
        `The data of ${event.id}, kept beside the log in ${cursor.directory}, is not there or was changed.`,
      )
    fold.add({ event, directory: cursor.directory, index })
    await cursor.advance()
  }
  fold.finish()
  return { entries, grants: fold.grants, problems }
}

/** One log, with its next record. */
class Cursor {
  readonly directory: string
  record: LogRecord | null = null
  readonly #records: AsyncGenerator<LogRecord, void, void>
  readonly #size: number
  readonly #tell: (problem: string) => void

  private constructor(
    { directory, disclose = false, size = Number.POSITIVE_INFINITY }: DecisionLog,
    tell: (problem: string) => void,
  ) {
    this.directory = directory
    this.#size = size
    this.#tell = tell
    this.#records = readLog(directory, { disclose })
  }

  static async open(log: DecisionLog, tell: (problem: string) => void): Promise<Cursor> {
    const cursor = new Cursor(log, tell)
    await cursor.advance()
    return cursor
  }

  async advance(): Promise<void> {
    this.record = null
    try {
      const { done, value } = await this.#records.next()
      if (done === true) return
      if (value.index < this.#size) this.record = value
      else await this.#records.return()
    } catch (error) {
      if (!isAuditLogError(error)) throw error
      // Damage was found by the verifier; here it only ends the reading.
      this.#tell(`${this.directory} could not be read to its end: ${error.message}`)
    }
  }
}

function earliest(cursors: readonly Cursor[]): Cursor | null {
  let first: Cursor | null = null
  for (const cursor of cursors)
    if (
      cursor.record !== null &&
      (first?.record == null || cursor.record.event.time < first.record.event.time)
    )
      first = cursor
  return first
}
