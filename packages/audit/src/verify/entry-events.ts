import { isAuditLogError } from '../errors'
import { logSubject, readEntry } from '../event'
import type { FramedEntry } from './frame-window'
import type { LoggedEvent } from './meaning/told'
import { OpeningsCheck } from './openings-check'
import { restoreEvent } from './restore-event'
import type { Findings } from './verdict'

/** What {@link EntryEvents} work with. */
export interface EntryEventsParts {
  readonly directory: string
  /** Its position among the given directories. */
  readonly log: number
  readonly findings: Findings
  /** The log was checked before: what lies beside it is not compared again. */
  readonly again: boolean
}

/** Makes events of a log's entries, in the order of the log, and tells of those that are none. */
export class EntryEvents {
  readonly #parts: EntryEventsParts
  readonly #openings: OpeningsCheck | null
  /** Entries that were read. */
  #read = 0
  /** All of them were entries of a log. */
  sound = true

  constructor(parts: EntryEventsParts) {
    this.#parts = parts
    this.#openings = parts.again ? null : new OpeningsCheck(parts.directory, parts.findings)
  }

  /** Values beside the log that were compared with their commitments. */
  get openings(): number {
    return this.#openings?.compared ?? 0
  }

  /** The events of the next entries, one as each is asked for. */
  *of(
    entries: Iterable<FramedEntry>,
    file: string,
    origin: string | null,
  ): Generator<LoggedEvent, void, void> {
    const { directory, findings, log } = this.#parts
    for (const { offset, payload } of entries) {
      const index = this.#read
      this.#read += 1
      try {
        const { event, hash } = readEntry(payload)
        const read = { event, hash, log, file, offset, index }
        this.#judgeOwner(read, origin)
        const about = restoreEvent(read, directory, findings)
        this.#openings?.add(about)
        yield about
      } catch (error) {
        if (!isAuditLogError(error)) throw error
        this.sound = false
        findings.add('error', 'entry-invalid', error.message, { directory, file, offset, index })
      }
    }
  }

  /** The log has ended. */
  finish(): void {
    this.#openings?.finish()
  }

  /** What a log says of itself stands in itself alone. */
  #judgeOwner({ event, file, index, offset }: LoggedEvent, origin: string | null): void {
    const { id, subject, type } = event
    const own = type.startsWith('log.')
    if (own === subject.startsWith('log:') && (!own || subject === logSubject(origin ?? ''))) return
    const { directory, findings } = this.#parts
    const place = { directory, file, offset, index, eventId: id }
    findings.add('error', 'event-foreign', `${id} is an event of another log`, place)
  }
}
