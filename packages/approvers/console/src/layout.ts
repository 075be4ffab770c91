import type { ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { type Line, type Span, span, type Tone, wrap } from './line'
import { heading, row, rule, table, textLines } from './rows'
import { formatAgo, formatClock, formatLeft, formatMoment } from './time'
import { statusMark } from './words'

/** How a card is to be laid out. */
export interface CardView {
  /** Cells of a line. */
  readonly width: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** `1 of 3`, or empty. */
  readonly position: string
  /** Whether to add what few readers need: full digests, pins, types, the request's id. */
  readonly detailed: boolean
}

const levelTones: Readonly<Record<string, Tone>> = {
  low: 'good',
  medium: 'warning',
  high: 'danger',
  critical: 'alarm',
}

/** The tone of a risk level; a level that is not known looks dangerous. */
export function levelTone(level: string): Tone {
  return levelTones[level] ?? 'danger'
}

/**
 * A review document as lines. Everything in it appears (I9, T14), every line of it behind a bar: nothing in a document
 * can pass for a line of the approver's own.
 */
export function layoutCard(review: ReviewDocument, view: CardView): Line[] {
  const { content, progress } = review
  const width = Math.max(20, view.width - 3)
  const edge = content.risk.level === 'critical' ? 'danger' : levelTone(content.risk.level)
  const title = view.position === '' ? 'Approval needed' : `Approval needed · ${view.position}`
  const body = [
    ...what(review, width),
    [],
    ...who(review, width),
    ...missing(review, width),
    ...heading('Arguments'),
    ...leafTable(content.arguments, width, view.detailed),
    ...edited(review, width),
    ...context(review, width, view.detailed),
    ...pins(review, width, view.detailed),
    [],
    ...risk(review, width),
    ...rules(review, width),
    ...approval(review, width),
    ...similar(review, view.now, width),
    ...row('time left', timeLeft(progress.expiresAt, view.now), width),
    ...(view.detailed ? details(review, width) : []),
  ]
  return [
    rule('╭─', [span(title, 'strong')], [span(review.shortDigest, 'dim')], view.width, edge),
    ...body.map((line) => [span('│ ', edge), ...line]),
    rule('╰─', [span(content.action, 'dim')], [span(review.shortDigest, 'dim')], view.width, edge),
  ]
}

function what({ content }: ReviewDocument, width: number): Line[] {
  const tone = levelTone(content.risk.level)
  const level: Span[] = [span('   '), span(` ${content.risk.level} risk `, tone)]
  const lines = wrap([span(content.action, 'strong'), ...level], width)
  if (content.title !== null)
    lines.push(...textLines(content.title, 'plain').flatMap((line) => wrap(line, width)))
  if (content.description !== null) {
    lines.push(...textLines(content.description, 'dim').flatMap((line) => wrap(line, width)))
  }
  return lines
}

function who({ content }: ReviewDocument, width: number): Line[] {
  const { requester, onBehalfOf, intent } = content
  const id = requester.name === requester.id ? [] : [span(` (${requester.id})`, 'dim')]
  const lines = [
    ...row('requested by', [span(requester.name), ...id], width),
    ...row('owner', requester.owner === null ? [span('nobody', 'warning')] : [span(requester.owner)], width),
    ...row('on behalf of', onBehalfOf === null ? [span('nobody', 'dim')] : [span(onBehalfOf)], width),
  ]
  // T12: the agent's words, under exactly this label and in their own tone.
  if (intent !== null) lines.push(...row(intent.label, leafValue(intent.leaf, 'agent'), width))
  return lines
}

function missing(review: ReviewDocument, width: number): Line[] {
  if (review.complete && review.content.missing.length === 0) return []
  const parts = review.content.missing.map((part) => [span('• ', 'warning'), span(part, 'warning')])
  const where = review.link === null ? '' : ` The complete document: ${review.link}`
  return [
    ...heading('Not shown'),
    ...parts.flatMap((line) => wrap(line, width)),
    ...wrap(
      [span(`This cannot be approved as shown: press d for the complete document.${where}`, 'danger')],
      width,
    ),
  ]
}

function edited({ content }: ReviewDocument, width: number): Line[] {
  if (content.edited === null) return []
  const changes = content.edited.changes.map(({ path, before, after }) => ({
    name: path === '' ? '(all)' : path,
    value: changeLines(before, after),
  }))
  return [...heading('Changed', `by ${content.edited.by}`), ...table(changes, width)]
}

/** What a value was and what it becomes. */
export function changeLines(before: string | null, after: string | null): Line[] {
  return [
    ...(before === null ? [] : textLines(before, 'danger', '− ')),
    ...(after === null ? [[span('+ ', 'dim'), span('(removed)', 'dim')]] : textLines(after, 'good', '+ ')),
  ]
}

function context({ content }: ReviewDocument, width: number, detailed: boolean): Line[] {
  const { context } = content
  if (context.status === 'none') return []
  if (context.status === 'unavailable') {
    return [...heading('Context'), ...wrap([span(`unavailable: ${context.reason}`, 'warning')], width)]
  }
  const facts = (['resource', 'lineage', 'impact', 'scope', 'labels'] as const).flatMap((part) =>
    context[part].map((leaf) => ({ ...leaf, path: `/${part}${leaf.path}` })),
  )
  if (facts.length === 0) return []
  return [...heading('Context', 'looked up by the host program'), ...leafTable(facts, width, detailed)]
}

function pins({ content }: ReviewDocument, width: number, detailed: boolean): Line[] {
  if (content.pins.length === 0) return []
  const rows = content.pins.map(({ name, digest }) => ({
    name,
    value: [
      [span(detailed ? digest : digest.slice(0, 16), 'value'), ...(detailed ? [] : [span('…', 'dim')])],
    ],
  }))
  return [...heading('Pinned', 'must be the same when it runs'), ...table(rows, width)]
}

function risk({ content }: ReviewDocument, width: number): Line[] {
  const { level, score, reasons } = content.risk
  const tone = levelTone(level)
  const first: Line = [span(level, tone), span(`  ${score.toFixed(2)}`, 'dim')]
  return row('risk', [first, ...reasons.map((reason) => [span('• ', 'dim'), span(reason)])], width)
}

function rules({ content }: ReviewDocument, width: number): Line[] {
  if (content.rules.length === 0) return []
  const lines = content.rules.map(({ id, version, reason }): Line => {
    return [span(id), span(` v${version}`, 'dim'), ...(reason === null ? [] : [span(`: ${reason}`)])]
  })
  return row('asked by', lines, width)
}

function approval(review: ReviewDocument, width: number): Line[] {
  const { content, progress } = review
  const several = content.stages.length > 1
  const stages = content.stages.map(({ requirement, stage, reviewers, atLeast, assurance }, index): Line => {
    const open = progress.open.find((one) => one.requirement === requirement && one.stage === stage)
    const state =
      open === undefined ? (several ? closedStage(review, index) : '') : `${open.missing} more needed`
    return [
      span(`${atLeast} of ${reviewers}`),
      span(`  ${several ? `${stage}, ` : ''}${requirement}`, 'dim'),
      ...(assurance === null ? [] : [span(`  needs ${assurance}`, 'warning')]),
      ...(state === '' ? [] : [span(`  ${state}`, open === undefined ? 'dim' : 'plain')]),
    ]
  })
  const votes = progress.votes.map(({ by, decision, note, at, counts }): Line => {
    const mark = decision === 'approve' ? span('✔ ', 'good') : span('✖ ', 'danger')
    const words = `${by} ${decision === 'approve' ? 'approved' : 'rejected'}`
    return [
      mark,
      span(words),
      span(` ${formatClock(at)}`, 'dim'),
      ...(note === null || note === '' ? [] : [span(`  “${note}”`)]),
      ...(counts ? [] : [span('  on other arguments: does not count', 'warning')]),
    ]
  })
  const behind = progress.waitingBehind
  const equal =
    behind === 0
      ? []
      : [[span(`${behind} equal ${behind === 1 ? 'request' : 'requests'}; each needs its own vote`)]]
  return [
    ...(stages.length === 0 ? [] : row('must approve', stages, width)),
    ...row('votes', votes.length === 0 ? [[span('none yet', 'dim')]] : votes, width),
    ...(equal.length === 0 ? [] : row('behind it', equal, width)),
  ]
}

/** Stages of one requirement are asked in order: what stands before the open one is done. */
function closedStage({ content, progress }: ReviewDocument, index: number): string {
  const requirement = content.stages[index]?.requirement
  const openAt = content.stages.findIndex((stage) =>
    progress.open.some(
      (one) =>
        one.requirement === requirement && stage.requirement === requirement && one.stage === stage.stage,
    ),
  )
  return openAt >= 0 && index > openAt ? 'asked later' : 'done'
}

function similar({ progress }: ReviewDocument, now: number, width: number): Line[] {
  if (progress.similar.length === 0) return []
  const lines = progress.similar.map(
    ({ status, by, at, sameArguments, requestId }): Line => [
      ...statusMark(status),
      span(by === null ? '' : ` by ${by}`),
      span(`  ${formatAgo(now - at)}${sameArguments ? ', same arguments' : ''}`, 'dim'),
      span(`  ${requestId}`, 'dim'),
    ],
  )
  return row('before', lines, width)
}

function timeLeft(expiresAt: number, now: number): Line {
  const left = expiresAt - now
  return [
    span(formatLeft(left), left < 60_000 ? 'warning' : 'plain'),
    span(`  until ${formatClock(expiresAt)}`, 'dim'),
  ]
}

function details({ requestId, digest, link, content, progress }: ReviewDocument, width: number): Line[] {
  return [
    [],
    ...row('request', [span(requestId), span(`  version ${progress.version}`, 'dim')], width),
    ...row('document', [span(digest)], width),
    ...row('arguments', [span(content.argumentsDigest)], width),
    ...row('asked at', [span(formatMoment(progress.createdAt))], width),
    ...row('expires at', [span(formatMoment(progress.expiresAt))], width),
    ...(progress.reminder === 0 ? [] : row('reminders', [span(String(progress.reminder))], width)),
    ...(link === null ? [] : row('link', [span(link, 'key')], width)),
  ]
}

function leafTable(leaves: readonly ReviewLeaf[], width: number, detailed: boolean): Line[] {
  if (leaves.length === 0) return [[span('none', 'dim')]]
  return table(
    leaves.map((leaf) => ({
      name: detailed ? leaf.path || '(root)' : leaf.path.replace(/^\//, '') || '(root)',
      value: leafValue(leaf, leaf.type === 'string' ? 'plain' : 'value', detailed),
    })),
    width,
  )
}

/** A leaf's text with what is to be known about it. Strings stand in quotes, so that `"10"` is not `10`. */
function leafValue(leaf: ReviewLeaf, tone: Tone, detailed = false): Line[] {
  const quote = leaf.type === 'string' ? '"' : ''
  const lines = textLines(leaf.text, leaf.marks.includes('redacted') ? 'warning' : tone, quote, quote)
  const notes: Span[] = leaf.marks.map((mark) => span(` ‹${mark}›`, 'warning'))
  if (leaf.omitted > 0) notes.push(span(` ${leaf.omitted} characters not shown`, 'danger'))
  const plain = ['string', 'number', 'boolean', 'null'].includes(leaf.type)
  if (detailed || !plain) notes.push(span(` (${leaf.type})`, 'dim'))
  return lines.map((line, index) => (index === lines.length - 1 ? [...line, ...notes] : line))
}
