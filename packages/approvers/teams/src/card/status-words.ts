import type { RequestStatus, ReviewDocument } from '@gatewright/core'
import type { TextRun } from './elements'

const WORDS: Readonly<
  Record<RequestStatus, readonly [words: string, color?: NonNullable<TextRun['color']>]>
> = {
  pending: ['⏳ Waits for a decision', 'Accent'],
  approved: ['✅ Approved', 'Good'],
  rejected: ['❌ Rejected', 'Attention'],
  expired: ['⌛ Expired: nobody decided in time, nothing was executed', 'Warning'],
  cancelled: ['🚫 Cancelled by the caller', 'Warning'],
  undeliverable: ['⚠️ Undeliverable: too few reviewers could be reached, nothing was executed', 'Warning'],
  lapsed: ['⌛ Lapsed: the approval was not used in time, nothing was executed', 'Warning'],
  invalidated: ['⚠️ Invalidated: the approval no longer held, nothing was executed', 'Warning'],
  executing: ['▶️ Approved, and running', 'Good'],
  succeeded: ['✅ Approved; it ran and succeeded', 'Good'],
  failed: ['❌ Approved; it ran and failed', 'Attention'],
  blocked: ['⛔ Blocked after the approval: nothing ran', 'Attention'],
  unknown: ['❓ Approved; it started, and nobody knows how it ended', 'Warning'],
}

/** How a request stands: `✅ Approved by Ada`, and the colour that goes with it. */
export function statusWords({ progress }: ReviewDocument): {
  readonly text: string
  readonly color: NonNullable<TextRun['color']>
} {
  const { status, resolution, outcome } = progress
  const [words, color = 'Accent'] = WORDS[status]
  const by = status === 'approved' || status === 'rejected' ? resolution?.by : null
  const why = outcome?.summary || resolution?.reason || ''
  return { text: `${words}${by == null ? '' : ` by ${by}`}${why === '' ? '' : `: ${why}`}`, color }
}

/** Who decided, for as long as the message stands; `null` while nobody has. */
export function decidedBy({ progress }: ReviewDocument): string | null {
  const names = progress.votes
    .filter(({ counts }) => counts)
    .map(({ by, decision }) => `${by} (${decision === 'approve' ? 'approved' : 'rejected'})`)
  return names.length === 0 ? null : names.join(', ')
}
