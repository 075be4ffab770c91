import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { type EvidenceReport, evidenceReport, type FrameworkId } from '@gatewright/audit'
import { readArguments } from './arguments'
import { UsageError } from './exit'
import { readHeads, readTrust } from './files'
import type { CommandIo } from './io'
import { ProgressBar } from './progress-bar'
import { besideWarning, EXIT_OF, MEANING, trustFor } from './verdicts'

export const REPORT_HELP = `Usage: gatewright audit report <directory>... --framework NAME [options]

Verifies logs, and writes what they tell of a period as evidence for the controls of a framework: every privileged action,
who asked and who approved it, separation of duties, exceptions. One HTML file that opens offline and prints well, and a
CSV with one line for each action. It is evidence, for an auditor to judge; it never says that a control is met.

Options:
  --framework NAME    one of soc2, iso27001, nist800-53: the controls that it is evidence for. FedRAMP selects from the last
  --from TIME         the period begins here, as 2026-10-01 or 2026-10-01T08:00:00Z. Default: the log's beginning
  --to TIME           the period ends here: the whole day of 2026-12-31, or before 2027-01-01T00:00:00Z. Default: the log's end
  --title TEXT        stands above the report
  --trust FILE        the keys you trust. Default: <directory>.trust.json of each log. May be repeated
  --known-head FILE   a head that you kept: the log must still hold what it held then. May be repeated
  --out FILE          where the HTML goes. Default: evidence-<framework>.html
  --csv FILE          where the CSV goes. Default: none is written
  --disclose          show personal values that the log has as commitments, where they lie beside it
  --json              say what was written, and the verdict, as JSON
  -h, --help          show this

Days are days in UTC. A report is written whatever the verdict; one of a log that does not hold says so on every page.
Exit codes: 0 valid, 1 invalid, 2 diverged from a known head, 3 incomplete, 4 wrong usage`

const FRAMEWORKS: readonly FrameworkId[] = ['soc2', 'iso27001', 'nist800-53']

/** Its options, for parsing and completion. */
export const REPORT_OPTIONS = {
  framework: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  title: { type: 'string' },
  trust: { type: 'string', multiple: true },
  'known-head': { type: 'string', multiple: true },
  out: { type: 'string' },
  csv: { type: 'string' },
  disclose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit report`. @returns the exit code: that of the verification */
export async function auditReport(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals: directories } = readArguments(args, REPORT_OPTIONS)
  if (directories.length === 0) throw new UsageError('which log? Give the directory of one or more logs')
  const framework = FRAMEWORKS.find((name) => name === values.framework)
  if (framework === undefined)
    throw new UsageError(
      values.framework === undefined
        ? `for which framework? Give --framework with one of ${FRAMEWORKS.join(', ')}`
        : `--framework ${values.framework} is not known: give one of ${FRAMEWORKS.join(', ')}`,
    )
  const from = values.from === undefined ? undefined : timeOf(values.from, '--from', 'begins')
  const to = values.to === undefined ? undefined : timeOf(values.to, '--to', 'ends')
  if (from !== undefined && to !== undefined && to <= from)
    throw new UsageError('the period ends before it begins: --to has to be later than --from')
  if (values.title?.trim() === '') throw new UsageError('--title is empty')
  const out = values.out ?? `evidence-${framework}.html`
  if (values.csv === out) throw new UsageError('--out and --csv name the same file')
  const trust = trustFor(directories, values.trust)
  // Told before hours of verifying, and without touching what is there.
  writeTo(out, () => closeSync(openSync(out, 'a')))
  const keys = trust.files.flatMap((path) => [...readTrust(path)])
  const knownHeads = (values['known-head'] ?? []).flatMap((path) => [...readHeads(path)])
  const bar = new ProgressBar(io)
  const report = await withCsv(values.csv, (writeCsv) =>
    evidenceReport({
      directories,
      trust: keys,
      framework,
      knownHeads,
      disclose: values.disclose ?? false,
      writeCsv,
      onProgress: (progress) => bar.update(progress),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(values.title === undefined ? {} : { title: values.title }),
    }),
  )
  bar.done()
  writeTo(out, () => writeFileSync(out, report.html))
  if (values.json) io.out(JSON.stringify(summaryOf(report, out, values.csv), null, 2))
  else describe(report, out, values.csv, io)
  const warning = besideWarning(trust)
  if (warning !== null) io.err(warning)
  return EXIT_OF[report.verdict.status]
}

/** Opens the CSV before anything is read, so that a path that cannot be written is told at once. */
async function withCsv(
  path: string | undefined,
  make: (writeCsv: (piece: string) => void) => Promise<EvidenceReport>,
): Promise<EvidenceReport> {
  if (path === undefined) return make(() => {})
  const file = writeTo(path, () => openSync(path, 'w'))
  let held = ''
  const flush = (): void => {
    writeTo(path, () => writeAll(file, held))
    held = ''
  }
  try {
    const report = await make((piece) => {
      held += piece
      if (held.length >= PIECE) flush()
    })
    flush()
    return report
  } finally {
    closeSync(file)
  }
}

const PIECE = 65_536

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

function writeTo<Result>(path: string, write: () => Result): Result {
  try {
    return write()
  } catch (error) {
    const { code = 'unwritable' } = error as NodeJS.ErrnoException
    throw new UsageError(`${path} cannot be written (${code})`)
  }
}

/** The report without its pages, which lie in the file. */
function summaryOf({ figures, verdict }: EvidenceReport, out: string, csv: string | undefined): object {
  const { findings, heads, status, unlisted } = verdict
  return { file: out, csv: csv ?? null, status, figures, findings, unlisted, heads }
}

function describe({ figures, verdict }: EvidenceReport, out: string, csv: string | undefined, io: CommandIo) {
  const count = (number: number): string => number.toLocaleString('en-US')
  io.out(
    `${count(figures.actions)} privileged actions, ${count(figures.asked)} of them put before people; ${count(figures.exceptions)} exceptions`,
  )
  io.out(`evidence: ${out}${csv === undefined ? '' : `, and one line for each action in ${csv}`}`)
  io.out(`${verdict.status}: ${MEANING[verdict.status]}`)
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/
const DAY_MS = 86_400_000

/** A time as it is written on a command line. A day that ends a period belongs to it. */
function timeOf(text: string, option: string, edge: 'begins' | 'ends'): number {
  const day = DAY.test(text)
  const time = day || MOMENT.test(text) ? Date.parse(text) : Number.NaN
  // A day that no month has would silently be one of the next month.
  const exists =
    !Number.isNaN(time) && new Date(Date.parse(text.slice(0, 10))).toISOString().startsWith(text.slice(0, 10))
  if (!exists)
    throw new UsageError(
      `${option} ${text} is no time: write it as 2026-10-01, or with zone as 2026-10-01T08:00:00Z`,
    )
  return day && edge === 'ends' ? time + DAY_MS : time
}
