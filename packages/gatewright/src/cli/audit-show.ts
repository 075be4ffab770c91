import { factReader, followLog, type LogRecord, readLog, wholeEvent } from '@gatewright/audit'
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
  -h, --help       show this

Examples:
  gatewright audit show ./audit-log --last 20
  gatewright audit show ./audit-log --follow --type execution
  gatewright audit show ./audit-log --action data.export --by ada --since 2026-11-01`

/** `gatewright audit show`. @returns the exit code */
export async function auditShow(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    request: { type: 'string' },
    action: { type: 'string', multiple: true },
    by: { type: 'string', multiple: true },
    type: { type: 'string', multiple: true },
    since: { type: 'string' },
    until: { type: 'string' },
    last: { type: 'string' },
    follow: { type: 'boolean', short: 'f' },
    json: { type: 'boolean' },
  })
  if (values.help) {
    io.out(SHOW_HELP)
    return Exit.ok
  }
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  if (values.follow && values.until !== undefined)
    throw new UsageError('--follow waits for what comes, and --until ends before it: give one of them')
  const { action, by, request, type } = values
  const filter = { action, by, request, type, ...parsePeriod(values) }
  const last = values.last === undefined ? null : countOf(values.last)
  const lines = new ShownLines(directory, filter, last, values.json ? 'json' : io)
  const writer = lineWriter(io)
  if (values.follow) await follow(directory, lines, writer, io)
  else for await (const record of readLog(directory)) await lines.take(record, writer)
  await lines.caughtUp(writer)
  return Exit.ok
}

async function follow(
  directory: string,
  lines: ShownLines,
  writer: LineWriter,
  io: CommandIo,
): Promise<void> {
  const signal = io.interrupted?.() ?? new AbortController().signal
  const changed = io.changed ?? logChanged
  const wait = async (): Promise<void> => {
    await lines.caughtUp(writer)
    await changed(directory, signal)
  }
  for await (const record of followLog(directory, { signal, wait })) await lines.take(record, writer)
}

/** The lines that are wanted; of those that were there at first, the last few. */
class ShownLines {
  readonly #directory: string
  readonly #wanted: ReturnType<typeof showFilter>
  readonly #style: 'json' | Pick<CommandIo, 'colour' | 'columns'>
  readonly #factsOf = factReader()
  readonly #kept: string[] = []
  #last: number | null

  constructor(
    directory: string,
    filter: ShowFilter,
    last: number | null,
    style: 'json' | Pick<CommandIo, 'colour' | 'columns'>,
  ) {
    this.#directory = directory
    this.#wanted = showFilter(filter)
    this.#last = last
    this.#style = style
  }

  async take({ event, text }: LogRecord, writer: LineWriter): Promise<void> {
    // What lies beside the log says which action it was.
    const whole = await wholeEvent(this.#directory, event)
    const facts = this.#factsOf(whole)
    if (!this.#wanted(whole, facts)) return
    const style = this.#style
    const line =
      style === 'json'
        ? text
        : eventLine(whole, facts, { colour: style.colour ?? false, columns: style.columns ?? null })
    if (this.#last === null) await writer.line(`${line}\n`)
    else if (this.#kept.push(line) > this.#last) this.#kept.shift()
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
