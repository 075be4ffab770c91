import type { ApprovalRequest, Principal, RequestFilter } from '@gatewright/core'
import type { Ballot, Standing } from '@gatewright/core/review'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'

/** A request, and what somebody is to it: never `none`. */
export interface VisibleRequest {
  readonly request: ApprovalRequest
  readonly standing: Exclude<Standing, 'none'>
}

/** A part of a listing. */
export interface VisiblePage {
  readonly found: readonly VisibleRequest[]
  /** Of the store, for whoever goes on; `null` at the end. It may tell of requests that are not shown: seal it. */
  readonly cursor: string | null
}

const STORE_PAGE = 100
const LONGEST_ID = 100

/** The answer to an id that does not exist, and to one that somebody may not know of: one and the same (T04). */
export function noSuchRequest(): HttpProblem {
  return new HttpProblem(404, 'not-found', 'There is no such request, or it is not for you.')
}

/** Those of some requests that somebody may see, in their order. */
export async function visibleOf(
  { access, settings }: Site,
  requests: readonly ApprovalRequest[],
  actor: Principal,
): Promise<readonly VisibleRequest[]> {
  const standings = await access.standings.of(requests, actor, settings.viewers)
  return requests.flatMap((request, index) => {
    const standing = standings[index] ?? 'none'
    return standing === 'none' ? [] : [{ request, standing }]
  })
}

/** A request, for somebody who may see it. @throws HttpProblem 404 */
export async function findVisible(site: Site, id: string, actor: Principal): Promise<VisibleRequest> {
  const request = id.length > LONGEST_ID ? null : await site.gate.requests.get(id)
  // Also for one that does not exist: both answers ask the directory, and take as long.
  const [found] = await visibleOf(site, request === null ? [] : [request], actor)
  if (found === undefined) throw noSuchRequest()
  return found
}

/**
 * Looks through requests, newest first, until there are enough that somebody may see, or so many were looked at. Ends
 * where a page of the store ends, so it may give some more.
 */
export async function listVisible(
  site: Site,
  filter: RequestFilter,
  actor: Principal,
  {
    enough,
    most,
    from = null,
  }: { readonly enough: number; readonly most: number; readonly from?: string | null },
): Promise<VisiblePage> {
  const found: VisibleRequest[] = []
  let cursor = from
  const size = Math.min(STORE_PAGE, 2 * enough)
  for (let looked = 0; looked < most; ) {
    const page = await site.gate.requests.list(filter, { cursor, limit: Math.min(size, most - looked) })
    looked += Math.max(1, page.requests.length)
    cursor = page.cursor
    found.push(...(await visibleOf(site, page.requests, actor)))
    if (cursor === null || found.length >= enough) break
  }
  return { found, cursor }
}

/** What a vote would come to, for reviewers; `null` for those who only look. */
export async function ballotsOf(
  { access }: Site,
  found: readonly VisibleRequest[],
  actor: Principal,
): Promise<readonly (Ballot | null)[]> {
  const ballots = await access.ballots.of(
    found.map(({ request }) => request),
    actor,
  )
  return found.map(({ standing }, index) => (standing === 'reviewer' ? (ballots[index] ?? null) : null))
}
