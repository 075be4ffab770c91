import type { RequestStatus } from '../contracts/request'
import type { ReviewDocument, ReviewLeaf } from '../contracts/review'
import { cutVisible } from './visible'

/** Types whose values are told apart by how they are written: strings by their quotes, the others by their words. */
const PLAIN: ReadonlySet<string> = new Set([
  'string',
  'number',
  'boolean',
  'null',
  'undefined',
  'empty object',
  'empty list',
])

/** Whether a leaf's type has to stand beside its value: `2026-01-01` may be a date or a text. */
export function needsType({ type }: ReviewLeaf): boolean {
  return !PLAIN.has(type)
}

/** A path as people read it in a line of text: `/rows/0` is `rows/0`. */
export function leafName(path: string): string {
  return path === '' ? '(the whole)' : path.slice(1)
}

/** A leaf's value in a line of text. Strings stand in quotes: `"120"` is not 120. Its marks are {@link leafMarks}. */
export function leafValue(leaf: ReviewLeaf): string {
  const { type, text, marks } = leaf
  if (text === '' && type !== 'string') return type
  if (marks.includes('redacted') && text === '[redacted]') return text
  if (type === 'string') return `"${text}"`
  return needsType(leaf) ? `${text} (${type})` : text
}

/**
 * What is to be said behind a leaf's value: that it is redacted, cut or mixes scripts; `''` for nothing. In brackets that no
 * shown text can have: hidden characters are escaped with them, and so are they (T16).
 */
export function leafMarks({ marks, omitted }: ReviewLeaf): string {
  return [
    marks.includes('redacted') ? ' ⟦redacted⟧' : '',
    marks.includes('mixed-script') ? ' ⟦mixed scripts⟧' : '',
    marks.includes('truncated') ? ` ⟦${omitted} more characters⟧` : '',
  ].join('')
}

/**
 * Cuts a visible text into pieces of at most so many characters, never inside an escape, a mark or a character: half of one
 * reads as something else.
 *
 * @param most - at least 2; a bracket that never closes, or closes later than this, is cut through
 */
export function visiblePieces(text: string, most: number): readonly string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > most) {
    const piece = cutVisible(rest, most) || rest.slice(0, most)
    pieces.push(piece)
    rest = rest.slice(piece.length)
  }
  return [...pieces, rest]
}

const STATUS: Readonly<Record<RequestStatus, string>> = {
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

/** How a request stands, for a message in a chat: `✅ Approved by Ada: asked the owner`. */
export function statusWords({ progress }: ReviewDocument): string {
  const { status, resolution, outcome } = progress
  const by = status === 'approved' || status === 'rejected' ? resolution?.by : null
  const why = outcome?.summary || resolution?.reason || ''
  return `${STATUS[status]}${by == null ? '' : ` by ${by}`}${why === '' ? '' : `: ${why}`}`
}

/** Who decided what, for as long as a message stands: `Ada (approved), Ben (approved)`. `null` while nobody has. */
export function decidedBy({ progress }: ReviewDocument): string | null {
  const names = progress.votes
    .filter(({ counts }) => counts)
    .map(({ by, decision }) => `${by} (${decision === 'approve' ? 'approved' : 'rejected'})`)
  return names.length === 0 ? null : names.join(', ')
}
