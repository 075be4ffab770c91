import type { ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { decidedBy, leafMarks, leafName, leafValue, statusWords } from '@gatewright/core/review'
import { runs } from './elements'
import { fact, ground, heading, line, type Row } from './rows'
import { statusColor } from './status-color'

/** Everything of a document, in rows: how it stands first, then what would run, then why and by whom it is asked. */
export function documentRows(review: ReviewDocument): readonly Row[] {
  return [
    ...standing(review),
    ...aboutCall(review),
    ...aboutRule(review),
    ...aboutPast(review),
    ...references(review),
  ]
}

/** Who decided what, and how it stands: all that an outcome needs. */
export function standing(review: ReviewDocument): readonly Row[] {
  const { progress, content } = review
  const text = statusWords(review)
  const color = statusColor(progress.status)
  const decided = decidedBy(review)
  return [
    ...(text.length <= 400 && !text.includes('\n')
      ? [line(...runs(text, { weight: 'Bolder', color }))]
      : fact('Status', text)),
    ...(decided === null ? [] : fact('Votes', decided)),
    ...(progress.status === 'pending' ? fact('Expires', at(progress.expiresAt)) : []),
    ...content.missing.flatMap((missing) => fact('⚠️ Not shown here', missing)),
    ...progress.open.flatMap(({ requirement, stage, reviewers, missing }) =>
      fact('Still needed', `${missing} of ${reviewers} (${requirement}, ${stage})`),
    ),
  ]
}

function aboutCall({ content, shortDigest }: ReviewDocument): readonly Row[] {
  const { title, description, requester, onBehalfOf, intent, edited } = content
  const who = requester.name === requester.id ? requester.id : `${requester.name} (${requester.id})`
  return [
    ...fact('Action', `${content.action} · ${shortDigest}`),
    ...(title === null ? [] : fact('Title', title)),
    ...(description === null ? [] : fact('Description', description)),
    ...fact('Requested by', who),
    ...fact('Owner', requester.owner ?? 'nobody'),
    ...(onBehalfOf === null ? [] : fact('On behalf of', onBehalfOf)),
    ...(intent === null ? [] : fact(intent.label, `${intent.leaf.text}${leafMarks(intent.leaf)}`)),
    heading('Arguments'),
    ...leafRows(content.arguments),
    ...(edited === null ? [] : editRows(edited)),
    ...contextRows(content.context),
  ]
}

function editRows({ by, changes }: NonNullable<ReviewDocument['content']['edited']>): readonly Row[] {
  return [
    ...fact('✏️ Edited by', by),
    ...changes.flatMap(({ path, before, after }) => [
      ...ground(`${leafName(path)} was`, before ?? '(nothing)'),
      ...ground(`${leafName(path)} is`, after ?? '(nothing)'),
    ]),
  ]
}

function contextRows(context: ReviewDocument['content']['context']): readonly Row[] {
  if (context.status === 'none') return []
  if (context.status === 'unavailable') return fact('⚠️ Context is unavailable', context.reason)
  const parts = [
    ['Resource', context.resource],
    ['Lineage', context.lineage],
    ['Impact', context.impact],
    ['Scope', context.scope],
    ['Labels', context.labels],
  ] as const
  return parts.flatMap(([name, leaves]) => (leaves.length === 0 ? [] : [heading(name), ...leafRows(leaves)]))
}

function aboutRule({ content, progress }: ReviewDocument): readonly Row[] {
  const { risk, rules, stages } = content
  return [
    heading('Why it is asked'),
    ...fact('Risk', `${risk.level} (${risk.score.toFixed(2)})`),
    ...risk.reasons.flatMap((reason) => fact('Risk reason', reason)),
    ...rules.flatMap(({ id, version, reason }) =>
      fact('Asked by', `${id} v${version}${reason === null ? '' : `: ${reason}`}`),
    ),
    ...stages.flatMap(({ requirement, stage, reviewers, atLeast, assurance }) =>
      fact(
        'Must approve',
        `${atLeast} of ${reviewers} (${requirement}, ${stage})${assurance === null ? '' : `, ${assurance}`}`,
      ),
    ),
    ...progress.votes.flatMap(({ by, decision, note, counts }) =>
      fact(
        decision === 'approve' ? '✅ Approval' : '❌ Rejection',
        `${by}${note === null ? '' : `: ${note}`}${counts ? '' : ' (on arguments that were edited since)'}`,
      ),
    ),
  ]
}

function aboutPast({ progress }: ReviewDocument): readonly Row[] {
  const { similar, waitingBehind } = progress
  return [
    ...similar.flatMap(({ status, by, at: when, sameArguments }) =>
      fact(
        'Before',
        `${status}${by === null ? '' : ` by ${by}`}, ${at(when)}, ${sameArguments ? 'equal' : 'other'} arguments`,
      ),
    ),
    ...(waitingBehind === 0
      ? []
      : fact('Waiting behind this', `${waitingBehind} equal requests, each of which needs its own vote`)),
  ]
}

function references({ requestId, content }: ReviewDocument): readonly Row[] {
  return [
    ...content.pins.flatMap(({ name, digest }) => fact(`Pinned ${name}`, digest)),
    line(...runs(`Request ${requestId}`, { isSubtle: true })),
  ]
}

/** In UTC: not every client fills in its own time. */
function at(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function leafRows(leaves: readonly ReviewLeaf[]): readonly Row[] {
  if (leaves.length === 0) return [line(...runs('none', { isSubtle: true }))]
  return leaves.flatMap((leaf) => ground(leafName(leaf.path), `${leafValue(leaf)}${leafMarks(leaf)}`))
}
