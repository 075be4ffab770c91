import {
  type EventFacts,
  factReader,
  followLog,
  type LogEvent,
  type LogRecord,
  readLog,
} from '@gatewright/audit'
import { readArguments } from './arguments'
import { eventLine } from './event-line'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { logChanged } from './log-changed'
import { type LineWriter, lineWriter } from './output'
import { type ShowFilter, showFilter } from './show-filter'
import { parsePeriod } from './times'

export const SHOW_HELP = `Usage: gatewright audit show <directory> [options]

Prints the events of a log, oldest first, one a line: when, the end of the request's id, what happened, to which action, by
whom, and why. It shows what is written, and does not check it: see "gatewright audit verify".

Options:
  --request ID     only events of one request, and those that speak of it; the end of its id is enough
  --action NAME    only events of an action, or of a group: data.export, data. May be repeated
  --by WHO         only what a person or an agent did: their name, or their id. May be repeated
  --type NAME      only events of a type, or of a group: request, execution, vote. May be repeated
  --since TIME     only events from a time on, as 2026-11-21 or 2026-11-21T10:00:00Z
  --until TIME     only events before a time
  --last N         only the newest N of them
  -f, --follow     go on with what comes, until you press Ctrl-C
  --json           one line of JSON for each, as it stands in the log
  --disclose       show personal values that the log has as commitments, where they lie beside it
  -h, --help       show this

Examples:
  gatewright audit show ./audit-log --last 20
  gatewright audit show ./audit-log --follow --type execution
  gatewright audit show ./audit-log --action data.export --by ada --since 2026-11-01`

/** Its options, for parsing and completion. */
export const SHOW_OPTIONS = {
  request: { type: 'string' },
  action: { type: 'string', multiple: true },
  by: { type: 'string', multiple: true },
  type: { type: 'string', multiple: true },
  since: { type: 'string' },
  until: { type: 'string' },
  last: { type: 'string' },
  follow: { type: 'boolean', short: 'f' },
  json: { type: 'boolean' },
  disclose: { type: 'boolean' },
} as const

/** `gatewright audit show`. @returns the exit code */
export async function auditShow(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, SHOW_OPTIONS)
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  if (values.follow && values.until !== undefined)
    throw new UsageError('--follow waits for what comes, and --until ends before it: give one of them')
  const { action, by, request, type } = values
  const filter = { action, by, request, type, ...parsePeriod(values) }
  const last = values.last === undefined ? null : countOf(values.last)
  const { disclose = false } = values
  const style = values.json ? (disclose ? 'disclosed json' : 'json') : io
  const lines = new ShownLines(filter, last, style)
  const writer = lineWriter(io)
  if (values.follow) await follow(directory, lines, writer, io, disclose)
  else for await (const record of readLog(directory, { disclose })) await lines.take(record, writer)
  await lines.caughtUp(writer)
  return Exit.ok
}

async function follow(
  directory: string,
  lines: ShownLines,
  writer: LineWriter,
  io: CommandIo,
  disclose: boolean,
): Promise<void> {
  const signal = io.interrupted?.() ?? new AbortController().signal
  const changed = io.changed ?? logChanged
  const wait = async (): Promise<void> => {
    await lines.caughtUp(writer)
    await changed(directory, signal)
  }
  for await (const record of followLog(directory, { disclose, signal, wait }))
    await lines.take(record, writer)
}

/** How lines look: as they stand in the log, with what was disclosed, or for people. */
type Style = 'json' | 'disclosed json' | Pick<CommandIo, 'colour' | 'columns'>

/** The lines that are wanted; of those that were there at first, the last few. */
class ShownLines {
  readonly #wanted: ReturnType<typeof showFilter>
  readonly #style: Style
  readonly #factsOf = factReader()
  readonly #kept: string[] = []
  #last: number | null

  constructor(filter: ShowFilter, last: number | null, style: Style) {
    this.#wanted = showFilter(filter)
    this.#last = last
    this.#style = style
  }

  async take({ event, text }: LogRecord, writer: LineWriter): Promise<void> {
    const facts = this.#factsOf(event)
    if (!this.#wanted(event, facts)) return
    const line = this.#line(event, facts, text)
    if (this.#last === null) await writer.line(`${line}\n`)
    else if (this.#kept.push(line) > this.#last) this.#kept.shift()
  }

  #line(event: LogEvent, facts: EventFacts, text: string): string {
    const style = this.#style
    if (style === 'json') return text
    if (style === 'disclosed json') return JSON.stringify(event)
    return eventLine(event, facts, { colour: style.colour ?? false, columns: style.columns ?? null })
  }

  /** All that was there has been read: it is shown, and what comes from now on is shown at once. */
  async caughtUp(writer: LineWriter): Promise<void> {
    for (const line of this.#kept.splice(0)) await writer.line(`${line}\n`)
    this.#last = null
    await writer.flush()
  }
}

function countOf(text: string): number {
  const count = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(count)) throw new UsageError(`--last ${text} is no count: give a whole number, 1 or more`)
  return count
}
