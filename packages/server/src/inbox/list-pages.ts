import type { RequestFilter, RequestStatus } from '@gatewright/core'
import { REQUEST_STATUSES } from '@gatewright/core/review'
import { html } from 'hono/html'
import type { Ctx, Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { listRows } from './list-rows'
import { type Html, page } from './page'
import { sessionOf } from './require-session'
import { listVisible, type VisibleRequest } from './visible-requests'
import { statusLabel } from './words'

const ROWS = 25
/** So many waiting requests are looked through to find the most urgent ones; of more, the newest. */
const MOST_WAITING = 2_000
const MOST_HISTORY = 1_000
const CURSOR_SECONDS = 86_400

/** Requests that wait, the most urgent first. */
export async function waitingPage(c: Ctx, site: Site): Promise<Response> {
  const { principal } = sessionOf(c)
  const everything = { enough: Number.POSITIVE_INFINITY, most: MOST_WAITING }
  const { found, cursor } = await listVisible(site, { status: 'pending' }, principal, everything)
  const urgent = [...found].sort(byUrgency)
  const after = c.req.query('after')
  const start = after === undefined ? 0 : urgent.findIndex((one) => placeOf(one) > after)
  const rows = start < 0 ? [] : urgent.slice(start, start + ROWS)
  const last = rows.at(-1)
  const more = last !== undefined && start + ROWS < urgent.length
  return page(
    c,
    site,
    { title: 'Waiting', current: 'waiting' },
    html`<h1>Waiting</h1>
      <div data-live="list">
        <p class="count">${countWords(found.length, start, rows.length)}</p>
        ${cursor === null ? '' : html`<p class="notice warning">More than ${MOST_WAITING} requests wait. The oldest of them are not looked through here.</p>`}
        ${rows.length === 0 ? html`<p class="empty">Nothing waits for you.</p>` : await listRows(c, site, rows)}
      </div>
      ${pager(after === undefined ? null : site.at('/requests'), more ? `${site.at('/requests')}?${new URLSearchParams({ after: placeOf(last) })}` : null, 'Less urgent ones')}`,
  )
}

function byUrgency(one: VisibleRequest, other: VisibleRequest): number {
  return placeOf(one) < placeOf(other) ? -1 : 1
}

/** Where a request stands among those that wait: a text that sorts by when it expires. It tells of this request alone. */
function placeOf({ request }: VisibleRequest): string {
  return `${String(request.expiresAt).padStart(16, '0')}.${request.id}`
}

function countWords(all: number, start: number, shown: number): string {
  if (all === 0) return ''
  if (shown === all) return all === 1 ? '1 request' : `${all} requests, the most urgent first`
  return `${start + 1} to ${start + shown} of ${all} requests, the most urgent first`
}

/** Everything that ever was asked and that this person may see, newest first. */
export async function historyPage(c: Ctx, site: Site): Promise<Response> {
  const { principal } = sessionOf(c)
  const query = queryOf(c)
  const from = await openCursor(c, site)
  const { found, cursor } = await listVisible(site, filterOf(query), principal, {
    enough: ROWS,
    most: MOST_HISTORY,
    from,
  })
  const next = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  if (cursor !== null) next.set('cursor', await site.cookies.seal('cursor', { cursor }, CURSOR_SECONDS))
  return page(
    c,
    site,
    { title: 'History', current: 'history' },
    html`<h1>History</h1>
      ${searchForm(site, query)}
      <div data-live="list">
        ${found.length === 0 ? html`<p class="empty">${cursor === null ? 'Nothing that you may see was found.' : 'Nothing that you may see was found so far.'}</p>` : await listRows(c, site, found)}
      </div>
      ${pager(from === null ? null : site.at('/history'), cursor === null ? null : `${site.at('/history')}?${next}`, 'Older ones')}`,
  )
}

interface HistoryQuery {
  readonly status: string
  readonly action: string
  readonly requester: string
  readonly after: string
  readonly before: string
}

function queryOf(c: Ctx): HistoryQuery {
  const text = (name: string): string => (c.req.query(name) ?? '').trim().slice(0, 200)
  return {
    status: text('status'),
    action: text('action'),
    requester: text('requester'),
    after: text('after'),
    before: text('before'),
  }
}

/** @throws HttpProblem 400 naming what cannot be searched for: nothing is left out silently */
function filterOf({ status, action, requester, after, before }: HistoryQuery): RequestFilter {
  if (status !== '' && !REQUEST_STATUSES.includes(status as RequestStatus))
    throw new HttpProblem(400, 'search', 'The status to search for is none that a request can have.')
  return {
    ...(status === '' ? {} : { status: status as RequestStatus }),
    ...(action === '' ? {} : { action }),
    ...(requester === '' ? {} : { requesterId: requester }),
    // The filter is exclusive on both ends; a day is meant from its first instant to its last.
    ...(after === '' ? {} : { createdAfter: dayOf(after) - 1 }),
    ...(before === '' ? {} : { createdBefore: dayOf(before) + 86_400_000 }),
  }
}

function dayOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(at))
    throw new HttpProblem(400, 'search', 'A day to search for is written like 2026-01-31.')
  return at
}

/** @throws HttpProblem 400 for one that is not ours, or too old */
async function openCursor(c: Ctx, { cookies }: Site): Promise<string | null> {
  const given = c.req.query('cursor')
  if (given === undefined) return null
  const opened = await cookies.open<{ cursor: string }>('cursor', given)
  if (opened === null)
    throw new HttpProblem(400, 'cursor', 'This page of the list is no more. Begin with the first one.')
  return opened.cursor
}

function searchForm(site: Site, query: HistoryQuery): Html {
  const field = (name: keyof HistoryQuery, label: string, type: 'text' | 'date', hint = ''): Html =>
    html`<label>${label}<input type="${type}" name="${name}" value="${query[name]}" placeholder="${hint}" autocomplete="off" /></label>`
  return html`<form class="search" method="get" action="${site.at('/history')}" role="search" aria-label="Requests">
    <label
      >Status<select name="status">
        <option value="">Any</option>
        ${REQUEST_STATUSES.map((status) => html`<option value="${status}" ${status === query.status ? 'selected' : ''}>${statusLabel(status)}</option>`)}
      </select></label
    >
    ${field('action', 'Action', 'text', 'data.export')} ${field('requester', 'Agent', 'text', 'ops-bot')}
    ${field('after', 'From (UTC)', 'date')} ${field('before', 'To (UTC)', 'date')}
    <button>Search</button>
  </form>`
}

function pager(first: string | null, next: string | null, label: string): Html {
  if (first === null && next === null) return html``
  return html`<nav class="pager" aria-label="Pages">
    ${first === null ? '' : html`<a class="button" href="${first}">First page</a>`}
    ${next === null ? '' : html`<a class="button" href="${next}" rel="next">${label}</a>`}
  </nav>`
}
