import type { ReviewDocument } from '@gatewright/core'
import type { Ballot } from '@gatewright/core/review'
import { html } from 'hono/html'
import type { Ctx, Site } from '../http/environment'
import { visible } from './leaves-tree'
import type { Html } from './page'
import { sessionOf } from './require-session'
import { ballotsOf, type VisibleRequest } from './visible-requests'
import { canDo, missingWords, moment, riskBadge, statusBadge, timeLeft } from './words'

const FIRST_LEAVES = 3
const LONGEST_LEAF = 60

/** Requests as rows that lead to their pages, with what somebody can do about each. */
export async function listRows(c: Ctx, site: Site, found: readonly VisibleRequest[]): Promise<Html> {
  const { principal } = sessionOf(c)
  const now = site.settings.now()
  const [reviews, ballots] = await Promise.all([
    Promise.all(found.map(({ request }) => site.gate.requests.review(request.id))),
    ballotsOf(site, found, principal),
  ])
  return html`<ul class="rows">
    ${found.map((one, index) => {
      const review = reviews[index]
      // Retention may have deleted it meanwhile.
      return review == null ? '' : row(site, one, review, ballots[index] ?? null, now)
    })}
  </ul>`
}

function row(
  site: Site,
  one: VisibleRequest,
  { content, progress }: ReviewDocument,
  ballot: Ballot | null,
  now: number,
): Html {
  const pending = progress.status === 'pending'
  const missing = missingWords(progress)
  return html`<li class="row" data-row="${one.request.id}">
    <div class="what">
      <a class="title" href="${site.at(`/requests/${one.request.id}`)}">${visible(content.title ?? content.action)}</a>
      <span class="by">${content.title === null ? '' : html`<code>${content.action}</code> `}by ${visible(content.requester.name)}</span>
      <span class="leaves">${firstLeaves(content.arguments)}</span>
    </div>
    <div class="when">
      ${pending ? timeLeft(progress.expiresAt, now) : statusBadge(progress.status)}
      <span class="hint">asked ${moment(progress.createdAt, now)}</span>
    </div>
    <div class="weight">${riskBadge(content.risk.level)}</div>
    <div class="can">
      ${pending ? html`<strong>${canDo(one, ballot)}</strong>${missing === '' ? '' : html`<span class="hint">${missing}</span>`}` : html`<span>${decidedBy(progress)}</span>`}
    </div>
  </li>`
}

function decidedBy({ resolution, votes }: ReviewDocument['progress']): string {
  const by = resolution?.by ?? votes.at(-1)?.by
  return by === undefined || by === null ? '' : `by ${by}`
}

/** A hint at what it is about, for telling requests apart: the page of the request shows all of it. */
function firstLeaves(leaves: ReviewDocument['content']['arguments']): Html {
  const first = leaves.slice(0, FIRST_LEAVES)
  const more = leaves.length - first.length
  return html`${first.map(({ path, text }, index) => html`${index === 0 ? '' : ', '}<bdi>${visible(path.slice(1))}</bdi>: <bdi>${visible(cut(text))}</bdi>`)}${more > 0 ? `, ${more} more` : ''}`
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= LONGEST_LEAF
    ? line
    : `${line.slice(0, LONGEST_LEAF).replace(/⟦[^⟧]*$|[\ud800-\udbff]$/, '')}…`
}
