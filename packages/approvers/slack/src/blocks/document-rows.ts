import type { ReviewDocument, ReviewLeaf } from '@gatewright/core'
import { decidedBy, leafMarks, leafName, leafValue, statusWords } from '@gatewright/core/review'
import { code, fact, heading, line, type Row, words } from './rows'

/** Everything of a document, in rows: how it stands first, then what would run, then why and by whom it is asked. */
export function documentRows(review: ReviewDocument): readonly Row[] {
  // What is short comes first, so that nothing long can push it out of a message.
  return [
    ...standing(review),
    ...aboutCall(review),
    ...aboutRule(review),
    ...aboutArguments(review),
    ...aboutVotes(review),
  ]
}

/** Pins, digests and ids: what the details add. */
export function referenceRows({ requestId, digest, content }: ReviewDocument): readonly Row[] {
  return [
    heading('References'),
    ...content.pins.flatMap(({ name, digest: pinned }) => fact(`Pinned ${name}`, pinned)),
    ...fact('Request', requestId),
    ...fact('Digest of the arguments', content.argumentsDigest),
    ...fact('Digest of this document', digest),
  ]
}

function standing(review: ReviewDocument): readonly Row[] {
  const { progress, content } = review
  const decided = decidedBy(review)
  return [
    ...fact('Status', statusWords(review)),
    ...(decided === null ? [] : fact('Votes', decided)),
    ...(progress.status === 'pending' ? [expiry(progress.expiresAt)] : []),
    ...content.missing.flatMap((missing) => fact('⚠️ Not shown here', missing)),
    ...progress.open.flatMap(({ requirement, stage, reviewers, missing }) =>
      fact('Still needed', `${missing} of ${reviewers} (${requirement}, ${stage})`),
    ),
  ]
}

function expiry(at: number): Row {
  const fallback = new Date(at).toISOString()
  return line(words('Expires: ', { bold: true }), {
    type: 'date',
    timestamp: Math.floor(at / 1000),
    format: '{date_short_pretty} at {time_secs}',
    fallback,
  })
}

function aboutCall({ content, shortDigest }: ReviewDocument): readonly Row[] {
  const { title, description, requester, onBehalfOf, intent } = content
  return [
    ...fact('Action', `${content.action} · ${shortDigest}`),
    ...(title === null ? [] : fact('Title', title)),
    ...(description === null ? [] : fact('Description', description)),
    ...fact(
      'Requested by',
      requester.name === requester.id ? requester.id : `${requester.name} (${requester.id})`,
    ),
    ...fact('Owner', requester.owner ?? 'nobody'),
    ...fact('On behalf of', onBehalfOf ?? 'nobody'),
    ...(intent === null ? [] : fact(intent.label, `${intent.leaf.text}${leafMarks(intent.leaf)}`)),
  ]
}

function aboutArguments({ content: { arguments: leaves, edited, context } }: ReviewDocument): readonly Row[] {
  return [
    heading('Arguments'),
    ...leafRows(leaves),
    ...(edited === null ? [] : editRows(edited)),
    ...contextRows(context),
  ]
}

function editRows({ by, changes }: NonNullable<ReviewDocument['content']['edited']>): readonly Row[] {
  return [
    ...fact('✏️ Edited by', by),
    ...changes.flatMap(({ path, before, after }) => [
      ...code(`${leafName(path)}  was  ${before ?? '(nothing)'}`),
      ...code(`${leafName(path)}  is   ${after ?? '(nothing)'}`),
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

function aboutRule({ content }: ReviewDocument): readonly Row[] {
  const { risk, rules } = content
  return [
    ...fact('Risk', `${risk.level} (${risk.score.toFixed(2)})`),
    ...risk.reasons.flatMap((reason) => fact('Risk reason', reason)),
    ...rules.flatMap(({ id, version, reason }) =>
      fact('Asked by', `${id} v${version}${reason === null ? '' : `: ${reason}`}`),
    ),
  ]
}

function aboutVotes({ content, progress }: ReviewDocument): readonly Row[] {
  return [
    ...content.stages.flatMap(({ requirement, stage, reviewers, atLeast, assurance }) =>
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
    ...progress.similar.flatMap(({ status, by, at, sameArguments }) =>
      fact(
        'Before',
        `${status}${by === null ? '' : ` by ${by}`}, ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${
          sameArguments ? 'equal arguments' : 'other arguments'
        }`,
      ),
    ),
    ...(progress.waitingBehind === 0
      ? []
      : fact(
          'Waiting behind this',
          `${progress.waitingBehind} equal requests, each of which needs its own vote`,
        )),
  ]
}

function leafRows(leaves: readonly ReviewLeaf[]): readonly Row[] {
  if (leaves.length === 0) return [line(words('none', { italic: true }))]
  return leaves.flatMap((leaf) => code(`${leafName(leaf.path)}  ${leafValue(leaf)}${leafMarks(leaf)}`))
}
