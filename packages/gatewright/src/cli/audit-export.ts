import { exportCsv, exportOcsf } from '@gatewright/audit'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { lineWriter, refuseToReplace, writeLines } from './output'
import { parsePeriod } from './times'

export const EXPORT_HELP = `Usage: gatewright audit export <directory>... --format ocsf|csv [options]

Prints the events of logs for other tools, oldest first. Logs of processes that share a store are given together: an event
that several of them hold comes once. It exports what is written, and does not check it: see "gatewright audit verify".

Options:
  --format NAME      one of ocsf, csv. For a SIEM: Open Cybersecurity Schema Framework 1.8.0, one JSON object a line. For a
                     spreadsheet: CSV (RFC 4180), one row an event
  --out FILE         write it to a file, which appears when it is whole
  --force            replace the file
  --since TIME       only events from a time on, as 2026-11-21 or 2026-11-21T10:00:00Z
  --until TIME       only events before a time
  --disclose         show personal values that the log has as commitments, where they lie beside it
  --json             with --out: say what was written as JSON
  -h, --help         show this

Examples:
  gatewright audit export ./audit-log --format csv --out nov.csv --since 2026-11-01
  gatewright audit export ./log-a ./log-b --format ocsf | gzip > events.jsonl.gz`

const FORMATS = { ocsf: exportOcsf, csv: exportCsv } as const

/** Its options, for parsing and completion. */
export const EXPORT_OPTIONS = {
  format: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
  disclose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit export`. @returns the exit code */
export async function auditExport(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals: directories } = readArguments(args, EXPORT_OPTIONS)
  if (directories.length === 0) throw new UsageError('which log? Give the directory of one or more logs')
  const { format, out } = values
  if (format !== 'ocsf' && format !== 'csv')
    throw new UsageError(
      format === undefined
        ? 'in which format? Give --format ocsf or --format csv'
        : `there is no format "${format}": give --format ocsf or --format csv`,
    )
  if (values.json && out === undefined)
    throw new UsageError('--json goes with --out; events as JSON are --format ocsf')
  const lines = FORMATS[format]({ directories, disclose: values.disclose ?? false, ...parsePeriod(values) })
  if (out === undefined) {
    const writer = lineWriter(io)
    for await (const line of lines) await writer.line(line)
    await writer.flush()
    return Exit.ok
  }
  refuseToReplace(out, values.force)
  const count = await writeLines(out, lines)
  const events = format === 'csv' ? count - 1 : count
  if (values.json) io.out(JSON.stringify({ file: out, format, events }, null, 2))
  else io.err(`${out}: ${events.toLocaleString('en-US')} events`)
  return Exit.ok
}
