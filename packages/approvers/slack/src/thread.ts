import type { Recipients, ReviewDocument } from '@gatewright/core'
import { statusWords } from '@gatewright/core/review'
import type { RichTextElement } from '@slack/types'
import { fact, line, type Row, words } from './blocks/rows'
import { type Told, toldBy } from './places'

/** What happened since the thread was last told: votes, an edit, the end. Empty when nothing did. */
export function newsSince(before: Told, review: ReviewDocument): readonly Row[] {
  const { progress, content } = review
  const now = toldBy(review)
  const votes = progress.votes
    .slice(before.votes)
    .flatMap(({ by, decision, note }) =>
      fact(decision === 'approve' ? '✅ Approval' : '❌ Rejection', note === null ? by : `${by}: ${note}`),
    )
  const edit =
    content.edited !== null && !before.edited
      ? fact('✏️ Edited', `by ${content.edited.by}. The message above shows what would run now.`)
      : []
  return [...votes, ...edit, ...(now.status === before.status ? [] : fact('Status', statusWords(review)))]
}

/** What a reminder or another stage says in the thread, and whom it calls. */
export function callRows(
  review: ReviewDocument,
  purpose: Recipients['purpose'],
  mentions: readonly RichTextElement[],
): readonly Row[] {
  const { progress } = review
  const missing = progress.open.map((one) => `${one.missing} of ${one.reviewers}`).join(', ')
  const said = { ask: 'Asked now', remind: '🔔 Still waits', escalate: '⏫ Escalated' }[purpose]
  return [
    line(...mentions.flatMap((one) => [one, words(' ')]), words(said, { bold: true })),
    ...(missing === '' ? [] : fact('Still needed', missing)),
    ...fact('Time left', minutesLeft(review)),
  ]
}

function minutesLeft({ progress }: ReviewDocument): string {
  return `until ${new Date(progress.expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
