import { type LogEvent, readLog } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'

export const SHOW_HELP = `Usage: gatewright audit show <directory> [options]

Prints the events of a log, oldest first. It shows what is written, and does not check it: see "gatewright audit verify".

Options:
  --request ID     only events of one request, and those that speak of it
  --type NAME      only events of a type, or of a group: request, execution, vote. May be repeated
  --since TIME     only events from a time on, as 2026-11-21 or 2026-11-21T10:00:00Z
  --last N         only the newest N of them
  --json           one line of JSON for each, as it stands in the log
  -h, --help       show this`

/** `gatewright audit show`. @returns the exit code */
export async function auditShow(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    request: { type: 'string' },
    type: { type: 'string', multiple: true },
    since: { type: 'string' },
    last: { type: 'string' },
    json: { type: 'boolean' },
  })
  if (values.help) {
    io.out(SHOW_HELP)
    return Exit.ok
  }
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  const wanted = filterOf(values)
  const last = values.last === undefined ? null : countOf(values.last)
  const kept: string[] = []
  for await (const { event, text } of readLog(directory)) {
    if (!wanted(event)) continue
    const line = values.json ? text : eventLine(event)
    if (last === null) io.out(line)
    else if (kept.push(line) > last) kept.shift()
  }
  for (const line of kept) io.out(line)
  return Exit.ok
}

interface Filter {
  readonly request?: string | undefined
  readonly type?: readonly string[] | undefined
  readonly since?: string | undefined
}

function filterOf({ request, type, since }: Filter): (event: LogEvent) => boolean {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since)
  if (Number.isNaN(from))
    throw new UsageError(`--since ${since} is no time: write it as 2026-11-21T10:00:00Z`)
  return (event) =>
    event.time >= from &&
    (request === undefined || event.subject === request || event.data.requestId === request) &&
    (type === undefined || type.some((name) => event.type === name || event.type.startsWith(`${name}.`)))
}

function countOf(text: string): number {
  const count = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(count)) throw new UsageError(`--last ${text} is no count: give a whole number, 1 or more`)
  return count
}

const TYPE_WIDTH = 26

/** What the events say came from agents and people: nothing in it may steer a terminal. */
function eventLine({ time, type, subject, seq, data }: LogEvent): string {
  const said = `${new Date(time).toISOString()}  ${type.padEnd(TYPE_WIDTH)}  ${subject}/${seq}  ${JSON.stringify(data)}`
  return makeVisible(said).text
}
