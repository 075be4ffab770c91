import { createHash } from 'node:crypto'
import { checkOptions, OptionError } from '@gatewright/core'
import { readDecisions } from '../decisions'
import type { TrustedKey } from '../note'
import { type KnownHead, type Verdict, type VerifyProgress, verifyLog } from '../verify'
import { Collector } from './collector'
import { csvHeader, csvRow } from './csv'
import type { ReportFigures } from './figures'
import type { Framework, FrameworkId } from './framework'
import { reportHtml } from './html/report-html'
import { iso27001 } from './iso27001'
import { nist80053 } from './nist800-53'
import { soc2 } from './soc2'

/** Options of {@link evidenceReport}. */
export interface EvidenceReportOptions {
  /** Directories of all logs that tell one story, at most 31. */
  readonly directories: readonly string[]
  /** The public keys that the auditor trusts, each named for the log it signs for. */
  readonly trust: readonly TrustedKey[]
  /** Whose controls the evidence is arranged by. */
  readonly framework: FrameworkId
  /** The period begins with this moment, in milliseconds since the epoch. @default the log's beginning */
  readonly from?: number
  /** The period ends before this moment. @default the log's end */
  readonly to?: number
  /** Stands above the report. @default 'Evidence report' */
  readonly title?: string
  /** Heads that were kept earlier: see `verifyLog`. @default none */
  readonly knownHeads?: readonly (KnownHead | string)[]
  /** Actions that the HTML shows in full; those with exceptions come first, and the CSV has all. @default 300 */
  readonly mostShown?: number
  /**
   * Takes the CSV piece by piece, as UTF-8 text, so that a large one is not held in memory. `csv` of the report is empty
   * then. What it throws ends the report. @default the CSV is kept
   */
  readonly writeCsv?: (piece: string) => void
  /** When the report was made, in milliseconds since the epoch. @default now */
  readonly now?: number
  /** Whether it shows the personal values that the logs have as commitments, where they lie beside them. @default false */
  readonly disclose?: boolean
  /** Called while the logs are verified. */
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** A report of evidence. */
export interface EvidenceReport {
  /** One file that opens offline: no script, nothing from elsewhere. */
  readonly html: string
  /** One line for each privileged action, as RFC 4180 has it. Empty when `writeCsv` took it. */
  readonly csv: string
  /** What the verification came to. A report is made whatever it is, and says so on top and on every page. */
  readonly verdict: Verdict
  readonly figures: ReportFigures
}

const FRAMEWORKS: Readonly<Record<FrameworkId, Framework>> = {
  soc2,
  iso27001,
  'nist800-53': nist80053,
}

const KNOWN = [
  'directories',
  'trust',
  'framework',
  'from',
  'to',
  'title',
  'knownHeads',
  'mostShown',
  'writeCsv',
  'now',
  'disclose',
  'onProgress',
]

/**
 * Verifies logs, and arranges what they tell of a period as evidence for a framework's controls: every privileged action,
 * who asked and who approved it, separation of duties, and what was unusual. It is evidence for somebody's judgement, and
 * never says that a control is met.
 *
 * An action belongs to every period that it reaches into; what became of it later is told too. Only entries
 * under the verified head are shown; of a log that is invalid, whatever can be read. Reads every log twice, in memory for
 * what is shown and for actions that are still open, and for the CSV unless `writeCsv` takes it.
 *
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a key of `trust` that is none
 * @example
 * ```ts
 * import { evidenceReport, parseTrust } from '@gatewright/audit'
 *
 * declare const trustFile: string
 * const { html, csv, verdict } = await evidenceReport({
 *   directories: ['./audit-log'],
 *   trust: parseTrust(trustFile),
 *   framework: 'soc2',
 *   from: Date.parse('2026-10-01'),
 *   to: Date.parse('2027-01-01'),
 * })
 * console.log(verdict.status, html.length, csv.length)
 * ```
 */
export async function evidenceReport(options: EvidenceReportOptions): Promise<EvidenceReport> {
  const { disclose, framework, period, title, mostShown, now } = parseOptions(options)
  const { directories, knownHeads = [], onProgress, trust, writeCsv } = options
  const verdict = await verifyLog({
    directories,
    trust,
    knownHeads,
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  const collector = new Collector(framework.controls, period, mostShown)
  for (const { code, message, place, severity } of verdict.findings) {
    if (severity === 'note' || place.eventId === null) continue
    // A finding has no time of its own, and weighs in every period.
    const subject = place.eventId.slice(0, place.eventId.lastIndexOf('/'))
    const at = Math.min(Math.max(now, period.from), period.to - 1)
    collector.except({
      code: 'verification-finding',
      at,
      eventId: place.eventId,
      subject: subject.startsWith('log:') ? null : subject,
      text: `${severity} ${code}: ${message}.`,
    })
  }
  const csv = new CsvText(writeCsv)
  csv.add(csvHeader())
  const reading = await readDecisions(
    directories.map((directory) => ({ directory, disclose, ...sizeOf(directory, verdict) })),
    {
      decision(decision) {
        if (collector.add(decision)) csv.add(csvRow(decision, verdict.status))
      },
      exception: (exception) => collector.except(exception),
    },
  )
  const collected = collector.result()
  const html = reportHtml({
    title,
    framework,
    period,
    madeAt: now,
    directories,
    trust,
    verdict,
    reading,
    collected,
    csv: { rows: collected.figures.actions, sha256: csv.digest() },
  })
  return { html, csv: csv.text, verdict, figures: collected.figures }
}

/** What follows the verified head is not shown, unless the log is wrong anyway: then all of it is suspect, and shown as such. */
function sizeOf(directory: string, { heads, status }: Verdict): { readonly size?: number } {
  if (status === 'invalid' || status === 'diverged') return {}
  return { size: heads.find((head) => head.directory === directory)?.size ?? 0 }
}

/** The CSV as it grows: kept, or handed on. */
class CsvText {
  text = ''
  readonly #write: (piece: string) => void
  readonly #hash = createHash('sha256')

  constructor(write: ((piece: string) => void) | undefined) {
    this.#write = write ?? ((piece) => (this.text += piece))
  }

  add(piece: string): void {
    this.#hash.update(piece)
    this.#write(piece)
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
}

function parseOptions(options: EvidenceReportOptions) {
  checkOptions(options, KNOWN, 'evidenceReport')
  const {
    framework,
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    title = 'Evidence report',
    mostShown = 300,
    now = Date.now(),
    disclose = false,
    writeCsv,
  } = options
  if (!Object.hasOwn(FRAMEWORKS, framework))
    throw new OptionError('evidenceReport.framework', `must be one of ${Object.keys(FRAMEWORKS).join(', ')}`)
  if (Number.isNaN(from) || typeof from !== 'number')
    throw new OptionError('evidenceReport.from', 'must be a time in milliseconds')
  if (typeof to !== 'number' || !(to > from))
    throw new OptionError('evidenceReport.to', 'must be a time in milliseconds, later than "from"')
  if (typeof title !== 'string' || title.trim() === '')
    throw new OptionError('evidenceReport.title', 'must be a non-empty string')
  if (!Number.isSafeInteger(mostShown) || mostShown < 0)
    throw new OptionError('evidenceReport.mostShown', 'must be a whole number, 0 or more')
  if (!Number.isFinite(now)) throw new OptionError('evidenceReport.now', 'must be a time in milliseconds')
  if (writeCsv !== undefined && typeof writeCsv !== 'function')
    throw new OptionError('evidenceReport.writeCsv', 'must be a function')
  if (typeof disclose !== 'boolean') throw new OptionError('evidenceReport.disclose', 'must be true or false')
  return { framework: FRAMEWORKS[framework], period: { from, to }, title, mostShown, now, disclose }
}
