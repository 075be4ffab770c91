import { formatDuration, type RequestStatus, type ReviewDocument } from '@gatewright/core'
import type { Ballot } from '@gatewright/core/review'
import { html } from 'hono/html'
import type { Html } from './page'
import type { VisibleRequest } from './visible-requests'

/** How something is to be taken at a glance; always beside words. */
export type Tone = 'plain' | 'good' | 'warning' | 'danger'

const STATUS: Readonly<
  Record<RequestStatus, { readonly label: string; readonly tone: Tone; readonly words: string }>
> = {
  pending: { label: 'Waiting', tone: 'plain', words: 'It waits for a decision.' },
  approved: { label: 'Approved', tone: 'good', words: 'It was approved, and has not run yet.' },
  rejected: { label: 'Rejected', tone: 'danger', words: 'It was rejected. Nothing was executed.' },
  expired: { label: 'Expired', tone: 'warning', words: 'Nobody decided in time. Nothing was executed.' },
  cancelled: { label: 'Cancelled', tone: 'warning', words: 'The caller took it back. Nothing was executed.' },
  undeliverable: {
    label: 'Undeliverable',
    tone: 'warning',
    words: 'Too few of the people asked could be reached. Nothing was executed.',
  },
  lapsed: {
    label: 'Lapsed',
    tone: 'warning',
    words: 'The approval was not used in time. Nothing was executed.',
  },
  invalidated: {
    label: 'Invalidated',
    tone: 'warning',
    words: 'The approval no longer held. Nothing was executed.',
  },
  executing: { label: 'Running', tone: 'plain', words: 'It was approved and is running.' },
  succeeded: { label: 'Succeeded', tone: 'good', words: 'It was approved, ran and succeeded.' },
  failed: { label: 'Failed', tone: 'danger', words: 'It was approved, ran and failed.' },
  blocked: {
    label: 'Blocked',
    tone: 'danger',
    words: 'It was refused right before running. Nothing was executed.',
  },
  unknown: { label: 'Unknown', tone: 'danger', words: 'It started, and nobody knows how it ended.' },
}

/** A status as a sentence. */
export function statusSentence(status: RequestStatus): string {
  return STATUS[status].words
}

/** A status as a word. */
export function statusLabel(status: RequestStatus): string {
  return STATUS[status].label
}

/** A status as a badge. */
export function statusBadge(status: RequestStatus): Html {
  const { label, tone } = STATUS[status]
  return html`<span class="badge ${tone}">${label}</span>`
}

const RISK: Readonly<Record<string, { readonly tone: Tone; readonly bars: number }>> = {
  low: { tone: 'plain', bars: 1 },
  medium: { tone: 'warning', bars: 2 },
  high: { tone: 'danger', bars: 3 },
  critical: { tone: 'danger', bars: 4 },
}

/** How risky it looks, in a word and in bars: never by colour alone. */
export function riskBadge(level: string): Html {
  const { tone, bars } = RISK[level] ?? { tone: 'danger' as const, bars: 4 }
  return html`<span class="badge risk ${level === 'critical' ? 'alarm' : tone}"
    ><span class="bars" aria-hidden="true">${'▮'.repeat(bars)}<span>${'▮'.repeat(4 - bars)}</span></span> ${level} risk</span
  >`
}

/** What is left of a request's time; counted down where scripts run. @param now - milliseconds since the epoch */
export function timeLeft(expiresAt: number, now: number): Html {
  const left = expiresAt - now
  const soon = left < 300_000 ? ' soon' : ''
  return html`<time class="left${soon}" datetime="${isoOf(expiresAt)}" data-left="${Math.round(left)}"
    >${left > 0 ? `${formatDuration(left)} left` : 'Time is up'}</time
  >`
}

/** A moment, and how long ago it was. @param now - milliseconds since the epoch */
export function moment(at: number, now: number): Html {
  const iso = isoOf(at)
  return html`<time datetime="${iso}" title="${iso}">${now - at < 1_000 ? 'just now' : `${formatDuration(now - at)} ago`}</time>`
}

function isoOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** What somebody can do about a request, in a few words. */
export function canDo({ standing, request }: VisibleRequest, ballot: Ballot | null): string {
  if (request.status !== 'pending') return ''
  if (standing === 'own') return 'Yours: others decide'
  if (ballot === null) return 'You may look'
  switch (ballot.approval) {
    case 'counts':
      return 'You can decide'
    case 'voted':
      return 'You approved'
    case 'assurance':
      return 'Needs a stronger sign-in'
    case 'elsewhere':
      return 'Others decide now'
    default:
      return ''
  }
}

/** How many approvals are missing, stage by stage. */
export function missingWords({ open }: ReviewDocument['progress']): string {
  return open.map(({ missing, reviewers }) => `${missing} more of ${reviewers}`).join(', ')
}
