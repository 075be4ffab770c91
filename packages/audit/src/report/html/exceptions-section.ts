import { EXCEPTIONS, type ExceptionSeverity } from '../../decisions'
import type { Collected } from '../collector'
import { type Anchors, actionLink } from './anchors'
import { type Built, NOTHING, part, said, table, time } from './markup'

const WEIGHTS: Readonly<Record<ExceptionSeverity, string>> = {
  high: 'needs an explanation',
  medium: 'wants a look',
  note: 'for the record',
}

/** So many are kept on one page of paper. */
const FEW = 8

/** What was unusual, kind by kind, gravest first. */
export function exceptionsSection({ exceptions }: Collected, anchors: Anchors): Built {
  const intro =
    exceptions.length === 0
      ? part`<p>The log tells of nothing unusual in this period.</p>`
      : part`<p>An exception is something to look at, not a verdict. Refused attempts show that a control worked.</p>`
  return part`<section id="exceptions" class="new-page" aria-labelledby="h-exceptions"><h2 id="h-exceptions">Exceptions</h2>${intro}${exceptions.map(
    ({ code, count, listed }) => {
      const { severity, title } = EXCEPTIONS[code]
      const left = count - listed.length
      return part`<div class="${listed.length <= FEW ? 'kind' : ''}"><h3 id="x-${code}">${title} <span class="tag ${severity}">${count} · ${WEIGHTS[severity]}</span></h3>${table(
        left === 0
          ? `${title}: ${count}`
          : `The first ${listed.length}; ${left.toLocaleString('en-US')} more are in the CSV or the log`,
        ['When', 'What happened', 'Action', 'Event'],
        listed.map(
          (exception) =>
            part`<tr><td>${code === 'verification-finding' ? NOTHING : time(exception.at)}</td><td>${said(exception.text)}</td><td>${exception.subject === null ? part`<span class="none">none</span>` : actionLink(exception.subject, anchors)}</td><td class="small">${exception.eventId}</td></tr>`,
        ),
        left === 0 ? 'medium exceptions untitled' : 'medium exceptions',
      )}</div>`
    },
  )}</section>`
}
