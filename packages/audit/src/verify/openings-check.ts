import type { LogEvent } from '../event'
import { committedIn, opensCommitment } from '../openings/open-commitment'
import { type FieldPlace, fieldKey, type OpeningLine } from '../openings/opening-line'
import { OpeningsReader } from '../openings/openings-reader'
import type { LoggedEvent } from './meaning/told'
import type { Findings } from './verdict'

/** Values that are gone, and that no redaction was met for so far. More are not followed one by one. */
const MOST_MISSING = 100_000

/**
 * Compares what lies beside a log with the commitments in it: each value is there, and the one that was committed to, or
 * the log says that it was erased. A log that was handed on without any values is not judged by this.
 */
export class OpeningsCheck {
  readonly #directory: string
  readonly #findings: Findings
  readonly #openings: OpeningsReader
  readonly #missing = new Map<string, LoggedEvent>()
  #overflow = false
  #withheld = 0
  /** Values that were compared. */
  compared = 0

  constructor(directory: string, findings: Findings) {
    this.#directory = directory
    this.#findings = findings
    this.#openings = new OpeningsReader(directory, (file, count) =>
      findings.add('warning', 'opening-unreadable', `${count} lines beside the log are no values`, {
        directory,
        file,
      }),
    )
  }

  /** Takes the next event, with its data. */
  add(about: LoggedEvent): void {
    const { event, index } = about
    if (event.type === 'log.redacted') this.#redacted(event, about)
    for (const pointer of committedIn(event)) {
      if (!this.#openings.given) {
        this.#withheld += 1
        continue
      }
      const line = this.#openings.at(index, pointer)
      if (line === null) this.#miss(about, pointer)
      else this.#compare(about, line)
    }
  }

  /** The log has ended: what is missing now was erased without a word. */
  finish(): void {
    if (this.#withheld > 0)
      this.#findings.add(
        'note',
        'openings-withheld',
        `${this.#withheld} values are commitments only: what opens them was not given, and is not judged`,
        { directory: this.#directory },
      )
    for (const [key, about] of this.#missing)
      this.#tell(
        'opening-missing',
        `the value at ${key.slice(String(about.index).length)} is gone, and no redaction tells of it`,
        about,
      )
    if (this.#overflow)
      this.#findings.add(
        'error',
        'verification-bounded',
        'too many values are gone; not all of them were looked for among the redactions',
        { directory: this.#directory },
      )
  }

  #compare(about: LoggedEvent, line: OpeningLine): void {
    this.compared += 1
    if (line.id === about.event.id && opensCommitment(about.event, line)) return
    this.#tell('opening-mismatch', `the value at ${line.pointer} is not the one that was committed to`, about)
  }

  #redacted({ data }: LogEvent, about: LoggedEvent): void {
    if (!this.#openings.given) return
    for (const place of fieldsOf(data.fields)) {
      this.#missing.delete(fieldKey(place))
      if (this.#openings.at(place.index, place.pointer) !== null)
        this.#tell(
          'redaction-undone',
          `a value of ${place.id} was erased by this, and stands there again`,
          about,
        )
    }
  }

  #miss(about: LoggedEvent, pointer: string): void {
    if (this.#missing.size < MOST_MISSING) this.#missing.set(fieldKey({ index: about.index, pointer }), about)
    else this.#overflow = true
  }

  #tell(
    code: 'opening-missing' | 'opening-mismatch' | 'redaction-undone',
    message: string,
    { event, file, index, offset }: LoggedEvent,
  ): void {
    const place = { directory: this.#directory, file, index, offset, eventId: event.id }
    this.#findings.add('error', code, message, place)
  }
}

function fieldsOf(value: unknown): readonly FieldPlace[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((field: unknown) => {
    const [index, id, pointer] = Array.isArray(field) ? field : []
    return typeof index === 'number' && typeof id === 'string' && typeof pointer === 'string'
      ? [{ id, index, pointer }]
      : []
  })
}
