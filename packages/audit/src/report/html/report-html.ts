import { createHash } from 'node:crypto'
import type { DecisionReading } from '../../decisions'
import type { TrustedKey } from '../../note'
import type { Verdict } from '../../verify'
import type { Collected, Period } from '../collector'
import type { Framework } from '../framework'
import { readableTime } from '../times'
import { actionsSection, grantsSection } from './actions-section'
import { anchorsOf } from './anchors'
import { controlsSection } from './controls-section'
import { exceptionsSection } from './exceptions-section'
import { limitsSection } from './limits-section'
import { constant, html, NOTHING, part, time } from './markup'
import { ALARM_STYLE, STYLE } from './style'
import { peopleSection, summarySection } from './summary'
import { alarm, verdictBox, verificationSection } from './verification'

/** All that a report says. */
export interface ReportContent {
  readonly title: string
  readonly framework: Framework
  readonly period: Period
  readonly madeAt: number
  readonly directories: readonly string[]
  readonly trust: readonly TrustedKey[]
  readonly verdict: Verdict
  readonly reading: DecisionReading
  readonly collected: Collected
  readonly csv: { readonly rows: number; readonly sha256: string }
}

/**
 * The report as one HTML file: no script, nothing from elsewhere, and a content security policy that lets nothing of the
 * kind in, should a text ever break out (T15). Well-formed as XML, too.
 */
export function reportHtml(content: ReportContent): string {
  const { collected, csv, directories, framework, madeAt, reading, title, trust, verdict } = content
  const anchors = anchorsOf(collected.shown)
  const holds = verdict.status === 'valid' || verdict.status === 'incomplete'
  const style = holds ? STYLE : `${STYLE}${ALARM_STYLE}`
  const hash = createHash('sha256').update(style).digest('base64')
  const grants = grantsSection(reading.grants)
  const page = html`<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="referrer" content="no-referrer" />
<meta name="robots" content="noindex" />
<title>${title}: evidence for ${framework.name}</title>
<style>${constant(style)}</style>
</head>
<body class="${holds ? '' : 'unsound'}">
${alarm(verdict)}<header class="top"><h1>${title}</h1><p class="lead">Evidence for ${framework.name}</p><p class="lead">${periodText(content)}</p>
${verdictBox(verdict, trust)}</header>
<nav class="contents" aria-label="Contents"><ul>${CONTENTS.filter(([id]) => id !== 'grants' || grants !== NOTHING).map(([id, name]) => part`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${summarySection(collected)}
${exceptionsSection(collected, anchors)}
${controlsSection(collected, framework, anchors)}
${peopleSection(collected)}
${grants}
${verificationSection(verdict, { directories, trust, reading })}
${limitsSection(directories)}
${actionsSection(collected, anchors)}
</main>
<footer><p>Made ${time(madeAt)} by <code>gatewright audit report</code>. The CSV of this report has ${csv.rows} lines of actions; its SHA-256 is <code>${csv.sha256}</code>.</p><p>This is evidence, arranged for a person to judge. It does not say that a control is met.</p></footer>
</body>`
  return `<!DOCTYPE html>\n<html lang="en">${page}</html>\n`
}

const CONTENTS: readonly (readonly [string, string])[] = [
  ['summary', 'In figures'],
  ['exceptions', 'Exceptions'],
  ['controls', 'Controls'],
  ['people', 'People and agents'],
  ['grants', 'Standing grants'],
  ['verification', 'What was verified'],
  ['limits', 'What this cannot show'],
  ['actions', 'Privileged actions'],
]

function periodText({ collected, period }: ReportContent): string {
  const from = Number.isFinite(period.from) ? readableTime(period.from) : null
  const to = Number.isFinite(period.to) ? `before ${readableTime(period.to)}` : null
  if (from !== null && to !== null) return `From ${from} to ${to}`
  if (from !== null) return `From ${from} to the end of the log`
  if (to !== null) return `From the beginning of the log to ${to}`
  const { firstAt, lastAt } = collected
  const bounds =
    firstAt === null || lastAt === null ? '' : `: ${readableTime(firstAt)} to ${readableTime(lastAt)}`
  return `The whole log${bounds}`
}
