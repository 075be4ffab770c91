import type { RequestStatus, ReviewDocument } from '@gatewright/core'

const WORDS: Readonly<Record<RequestStatus, string>> = {
  pending: '⏳ Waits for a decision',
  approved: '✅ Approved',
  rejected: '❌ Rejected',
  expired: '⌛ Expired: nobody decided in time, nothing was executed',
  cancelled: '🚫 Cancelled by the caller',
  undeliverable: '⚠️ Undeliverable: too few reviewers could be reached, nothing was executed',
  lapsed: '⌛ Lapsed: the approval was not used in time, nothing was executed',
  invalidated: '⚠️ Invalidated: the approval no longer held, nothing was executed',
  executing: '▶️ Approved, and running',
  succeeded: '✅ Approved; it ran and succeeded',
  failed: '❌ Approved; it ran and failed',
  blocked: '⛔ Blocked after the approval: nothing ran',
  unknown: '❓ Approved; it started, and nobody knows how it ended',
}

/** How a request stands, in a line: `✅ Approved by Ada`. */
export function statusWords({ progress }: ReviewDocument): string {
  const { status, resolution, outcome } = progress
  const by = status === 'approved' || status === 'rejected' ? resolution?.by : null
  const why = outcome?.summary || resolution?.reason || ''
  return `${WORDS[status]}${by == null ? '' : ` by ${by}`}${why === '' ? '' : `: ${why}`}`
}

/** Who decided, for as long as the message stands. */
export function decidedBy({ progress }: ReviewDocument): string | null {
  const names = progress.votes
    .filter(({ counts }) => counts)
    .map(({ by, decision }) => `${by} (${decision === 'approve' ? 'approved' : 'rejected'})`)
  return names.length === 0 ? null : names.join(', ')
}
