import type { Principal, RequestStatus, ReviewDocument, VoteReceipt } from '@gatewright/core'
import { type Line, span, type Tone } from './line'

const marks: Readonly<
  Record<RequestStatus, { readonly mark: string; readonly tone: Tone; readonly words: string }>
> = {
  pending: { mark: '…', tone: 'plain', words: 'waits' },
  approved: { mark: '✔', tone: 'good', words: 'was approved' },
  rejected: { mark: '✖', tone: 'danger', words: 'was rejected' },
  expired: { mark: '⌛', tone: 'warning', words: 'expired: nobody decided in time, nothing was executed' },
  cancelled: { mark: '✖', tone: 'warning', words: 'was cancelled by the caller' },
  undeliverable: { mark: '✖', tone: 'warning', words: 'could not be delivered to enough people' },
  lapsed: { mark: '⌛', tone: 'warning', words: 'lapsed: the approval was not used in time' },
  invalidated: { mark: '✖', tone: 'warning', words: 'was invalidated: the approval no longer held' },
  executing: { mark: '▶', tone: 'plain', words: 'is running' },
  succeeded: { mark: '✔', tone: 'good', words: 'ran and succeeded' },
  failed: { mark: '✖', tone: 'danger', words: 'ran and failed' },
  blocked: { mark: '✖', tone: 'danger', words: 'was blocked after the claim: nothing ran' },
  unknown: { mark: '?', tone: 'alarm', words: 'started, and nobody knows how it ended' },
}

/** One clear line on how a request stands: `✔ data.export was approved by Ben Okafor`. */
export function statusLine({ content, progress, shortDigest }: ReviewDocument): Line {
  const { mark, tone, words } = marks[progress.status]
  const by = progress.resolution?.by ?? lastVoter(progress)
  const reason = progress.outcome?.summary ?? progress.resolution?.reason ?? ''
  const decided = progress.status === 'approved' || progress.status === 'rejected'
  return [
    span(`${mark} `, tone),
    span(content.action, 'strong'),
    span(` ${words}${decided && by !== null ? ` by ${by}` : ''}`, tone),
    ...(reason === '' ? [] : [span(`: ${reason}`)]),
    span(`  ${shortDigest}`, 'dim'),
  ]
}

/** A word for a status, as in lists of past decisions. */
export function statusMark(status: RequestStatus): Line {
  return [span(`${marks[status].mark} ${status}`, marks[status].tone)]
}

const receiptMarks: Readonly<Record<VoteReceipt['status'], { readonly mark: string; readonly tone: Tone }>> =
  {
    counted: { mark: '✔', tone: 'good' },
    'already-counted': { mark: '•', tone: 'plain' },
    'too-late': { mark: '⌛', tone: 'warning' },
    refused: { mark: '✖', tone: 'danger' },
  }

/** What the gate answered to a vote: never more than it says (T42). */
export function receiptLines(receipt: VoteReceipt, { content, shortDigest }: ReviewDocument): Line[] {
  const { mark, tone } = receiptMarks[receipt.status]
  const link = receipt.status === 'refused' ? receipt.link : undefined
  return [
    [
      span(`${mark} `, tone),
      span(content.action, 'strong'),
      span(` ${receipt.message}`),
      span(`  ${shortDigest}`, 'dim'),
    ],
    ...(link === undefined ? [] : [[span('  Continue at '), span(link, 'key')]]),
  ]
}

/** Somebody's vote, and what is needed now. */
export function voteLine(
  { content, progress }: ReviewDocument,
  vote: ReviewDocument['progress']['votes'][number],
): Line {
  const needed = progress.open.map(({ missing, reviewers }) => `${missing} more of ${reviewers}`).join(', ')
  const words = vote.decision === 'approve' ? 'approved' : 'rejected'
  return [
    span('• '),
    span(content.action, 'strong'),
    span(`: ${vote.by} ${words}${needed === '' ? '' : `; needed: ${needed}`}`),
  ]
}

/** The document became another one. */
export function changedLine({ content }: ReviewDocument): Line {
  return [
    span('↻ ', 'warning'),
    span(content.action, 'strong'),
    span(' was changed; this is how it stands now.'),
  ]
}

/** A request came, or came again, while something else is on the screen. */
export function arrivalLine({ content, shortDigest }: ReviewDocument, mark: string, words: string): Line {
  return [
    span(`${mark} `, 'key'),
    span(content.action, 'strong'),
    span(` by ${content.requester.name} ${words}`),
    span(`  ${shortDigest}`, 'dim'),
  ]
}

/** Who one is, for somebody whom the gate does not count among those who are asked. */
export function strangerLine(actor: Principal, { content }: ReviewDocument): Line {
  const asked = content.stages.map(({ reviewers }) => reviewers).join(', ')
  const groups = actor.groups.length === 0 ? 'in no group' : `in ${actor.groups.join(', ')}`
  const who = `You act as ${actor.name} (${actor.issuer}, ${actor.subject}), ${groups}`
  return [span(`  ${who}. Asked is: ${asked || 'nobody'}.`, 'dim')]
}

/** Something went wrong, with what the error says. */
export function failureLine(what: string, error: unknown): Line {
  return [
    span('✖ ', 'danger'),
    span(`${what}: ${error instanceof Error ? error.message : 'for an unknown reason'}`),
  ]
}

/** `2 requests still wait`. */
export function stillWait(count: number): string {
  return count === 1 ? '1 request still waits' : `${count} requests still wait`
}

function lastVoter(progress: ReviewDocument['progress']): string | null {
  return progress.votes.at(-1)?.by ?? null
}
