import type { ReviewDocument } from '@gatewright/core'
import type { Ballot } from '@gatewright/core/review'
import { html } from 'hono/html'
import type { Ctx, Site } from '../http/environment'
import { changesBetween, changesTable, visible } from './leaves-tree'
import { type Html, page } from './page'
import { documentSections, type LastApproval, section, similarList } from './request-parts'
import { sessionOf } from './require-session'
import { stepUpPath } from './step-up'
import { ballotsOf, noSuchRequest, type VisibleRequest, visibleOf } from './visible-requests'
import { missingWords, moment, riskBadge, statusBadge, statusSentence, type Tone, timeLeft } from './words'

/** What the page says above everything else: the answer to a vote. */
export interface Notice {
  readonly tone: Tone
  readonly text: string
  readonly more?: Html
}

/** What a page of a request is made of. */
export interface RequestView extends VisibleRequest {
  readonly review: ReviewDocument
  /** `null` for those who only look. */
  readonly ballot: Ballot | null
}

/** All that is known of a request that somebody may see. */
export async function viewOf(site: Site, found: VisibleRequest, c: Ctx): Promise<RequestView> {
  const { id } = found.request
  const [review, [ballot = null]] = await Promise.all([
    site.gate.requests.review(id),
    ballotsOf(site, [found], sessionOf(c).principal),
  ])
  // Retention may have deleted it meanwhile.
  if (review === null) throw noSuchRequest()
  return { ...found, review, ballot }
}

/** The page of one request: the whole document, and what can be done about it. */
export async function requestPage(
  c: Ctx,
  site: Site,
  view: RequestView,
  {
    notice = null,
    note = '',
    status = 200,
  }: { notice?: Notice | null; note?: string; status?: 200 | 403 | 409 | 422 | 503 } = {},
): Promise<Response> {
  const { review, request } = view
  const { content, progress } = review
  const now = site.settings.now()
  const past = await pastOf(c, site, view)
  return page(
    c,
    site,
    {
      title: content.title ?? content.action,
      status,
      current: request.status === 'pending' ? 'waiting' : 'history',
    },
    html`<article class="request" data-request="${request.id}" data-digest="${review.digest}" data-status="${progress.status}">
      <header class="top">
        <h1>${visible(content.title ?? content.action)}</h1>
        <p class="facts">
          ${content.title === null ? '' : html`<code>${content.action}</code>`} ${riskBadge(content.risk.level)}
          <span data-live="standing">${statusBadge(progress.status)} ${progress.status === 'pending' ? timeLeft(progress.expiresAt, now) : ''}</span>
          <span class="hint">Document <code class="digest" title="${review.digest}">${review.shortDigest}</code></span>
          ${progress.status === 'pending' ? html`<a class="jump" href="#decision-title">Decide ↓</a>` : ''}
        </p>
      </header>
      ${notice === null ? '' : noticeBox(notice)}
      <p class="notice warning" id="changed" role="alert" hidden>This request was changed while you looked at it. <a href="">Load it again</a></p>
      <div class="columns">
        <div class="document">${documentSections(review, past.lastApproval, now)}</div>
        <div class="side">
          <div data-live="decision">${decision(c, site, view, note)}</div>
          <div data-live="votes">${votesSection(review, now)}</div>
          ${similarList(review, past.pathOf, now)}
        </div>
      </div>
    </article>`,
  )
}

/** The answer to a vote, or why there is none. */
export function noticeBox({ tone, text, more }: Notice): Html {
  return html`<div class="notice ${tone}" id="answer" role="${tone === 'good' || tone === 'plain' ? 'status' : 'alert'}" tabindex="-1">
    <p>${text}</p>
    ${more ?? ''}
  </div>`
}

/** What became of the arguments since somebody was shown them. */
export function whatChanged(
  { content }: ReviewDocument,
  before: Parameters<typeof changesBetween>[0] | null,
): Html {
  if (before !== null) {
    const changes = changesBetween(before, content.arguments)
    if (changes.length > 0) return changesTable(changes, 'What you were shown, and what it is now')
  }
  if (content.edited !== null)
    return html`<p>${visible(content.edited.by)} changed the arguments:</p>${changesTable(content.edited.changes, 'What was proposed, and what it is now')}`
  return html`<p>This is how it stands now.</p>`
}

function decision(c: Ctx, site: Site, view: RequestView, note: string): Html {
  const { review, request, standing, ballot } = view
  const path = site.at(`/requests/${request.id}`)
  if (request.status !== 'pending' || review.progress.status !== 'pending')
    return section('decision', 'Outcome', outcome(review))
  if (standing === 'own')
    return section(
      'decision',
      'Decision',
      html`<p>The agent is yours, or acts for you: you may see this, and others decide.</p>`,
    )
  if (ballot === null || ballot.approval === 'none' || ballot.approval === 'over')
    return section('decision', 'Decision', html`<p>You may see this, and are not asked to decide.</p>`)
  const why =
    ballot.approval === 'voted'
      ? `You approved this. ${sentence(missingWords(review.progress))}`
      : ballot.problem
  return section(
    'decision',
    'Decision',
    html`${why === null ? '' : html`<p>${why}</p>`}
      ${ballot.approval === 'assurance' ? stepUp(c, site, ballot, path) : ''}
      ${ballot.approval === 'counts' || ballot.mayReject ? voteForm(c, path, view, ballot, note) : ''}`,
  )
}

function voteForm(c: Ctx, path: string, { review }: RequestView, { approval }: Ballot, note: string): Html {
  const { noteFor } = review.content
  const approves = approval === 'counts'
  const needed = [noteFor.approve && approves ? 'to approve' : '', noteFor.reject ? 'to reject' : ''].filter(
    Boolean,
  )
  const hint =
    needed.length === 0
      ? 'optional; others and the agent see it'
      : `needed ${needed.join(' and ')}; others and the agent see it`
  return html`<form method="post" action="${path}/vote" class="vote" data-vote>
    <input type="hidden" name="csrf" value="${c.get('csrf')}" />
    <input type="hidden" name="digest" value="${review.digest}" />
    <label for="note">${noteFor.reject || noteFor.approve ? 'Note' : 'Note or reason'} <small id="note-hint">(${hint})</small></label>
    <textarea id="note" name="note" rows="3" maxlength="4000" aria-describedby="note-hint">${note}</textarea>
    <div class="buttons">
      ${approves ? html`<button class="approve" name="decision" value="approve" data-key="a">Approve</button>` : ''}
      <button class="reject" name="decision" value="reject">${approves ? 'Reject' : 'Reject after all'}</button>
    </div>
    ${approves ? html`<p><a href="${path}/edit" data-key="e">Approve with changes…</a></p>` : ''}
  </form>`
}

function stepUp(c: Ctx, site: Site, { assurance }: Ballot, path: string): Html {
  const to = assurance === null ? null : stepUpPath(site, sessionOf(c), assurance, path)
  if (to === null) return html`<p>No sign-in of this server is strong enough for it.</p>`
  return html`<p><a class="button" href="${to}">Sign in again to decide</a></p>`
}

function outcome({ progress }: ReviewDocument): Html {
  const { resolution, status } = progress
  return html`<p>${statusSentence(status)}</p>
    ${resolution === null ? '' : html`<p>${resolution.by === null ? '' : html`<strong>${visible(resolution.by)}</strong>: `}${visible(resolution.reason)}</p>`}
    ${progress.outcome === null ? '' : html`<p>Result: ${visible(progress.outcome.summary)}</p>`}`
}

function votesSection({ progress }: ReviewDocument, now: number): Html {
  const { votes, open, waitingBehind } = progress
  return section(
    'votes',
    'Votes',
    html`${votes.length === 0 ? html`<p class="none">Nobody voted yet.</p>` : ''}
      <ul class="votes">
        ${votes.map(
          ({ by, decision: word, note, at, counts }) => html`<li>
            <strong>${visible(by)}</strong> ${word === 'approve' ? 'approved' : 'rejected'} <small>${moment(at, now)}</small>
            ${counts ? '' : html`<span class="mark">on other arguments: does not count</span>`}
            ${note === null ? '' : html`<blockquote>${visible(note)}</blockquote>`}
          </li>`,
        )}
      </ul>
      ${progress.status === 'pending' && open.length > 0 ? html`<p>Still needed:</p><ul>${open.map(({ stage, missing, reviewers }) => html`<li><strong>${stage}</strong>: ${missing} more of ${reviewers}</li>`)}</ul>` : ''}
      ${waitingBehind === 0 ? '' : html`<p>${waitingBehind} equal requests wait too; each needs its own decision.</p>`}`,
  )
}

const APPROVED = new Set([
  'approved',
  'executing',
  'succeeded',
  'failed',
  'blocked',
  'unknown',
  'lapsed',
  'invalidated',
])

/** The past decisions that this very person may open, and how the last approval compares. */
async function pastOf(
  c: Ctx,
  site: Site,
  { review }: RequestView,
): Promise<{ pathOf: (id: string) => string | null; lastApproval: LastApproval | null }> {
  const { similar } = review.progress
  const requests = await Promise.all(similar.map(({ requestId }) => site.gate.requests.get(requestId)))
  const known = requests.filter((one) => one !== null)
  const seen = new Set(
    (await visibleOf(site, known, sessionOf(c).principal)).map(({ request }) => request.id),
  )
  const pathOf = (id: string): string | null => (seen.has(id) ? site.at(`/requests/${id}`) : null)
  const last = similar.find(({ status }) => APPROVED.has(status))
  const path = last === undefined ? null : pathOf(last.requestId)
  const other = last === undefined || path === null ? null : await site.gate.requests.review(last.requestId)
  if (last === undefined || path === null || other === null) return { pathOf, lastApproval: null }
  const changes = changesBetween(other.content.arguments, review.content.arguments)
  return { pathOf, lastApproval: { path, by: last.by, at: last.at, changes } }
}

function sentence(text: string): string {
  return text === '' ? '' : `Still needed: ${text}.`
}
