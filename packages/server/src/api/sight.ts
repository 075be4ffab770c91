import type { ApprovalRequest, RequestFilter } from '@gatewright/core'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import type { Caller } from './caller'

/** What a caller may know of. Everything else does not exist for them (T04). */
export interface Sight {
  /** One answer for each request, in their order. @throws GatewrightError `ERR_IDENTITY_UNAVAILABLE` */
  sees(requests: readonly ApprovalRequest[]): Promise<readonly boolean[]>
  /** Narrows a listing to what may be seen at most, so that a store need not read the rest. */
  readonly within: Pick<RequestFilter, 'requesterId'>
  /** Equal for callers who see the same. */
  readonly name: string
}

/** What this caller may know of: readers and viewers everything, an agent its own, a person what asks or concerns them. */
export function sightOf({ access, settings }: Site, caller: Caller): Sight {
  if (caller.type === 'person') {
    const { principal } = caller
    const { issuer, subject, groups } = principal
    return {
      within: {},
      name: JSON.stringify(['person', issuer, subject, groups]),
      async sees(requests) {
        const standings = await access.standings.of(requests, principal, settings.viewers)
        return standings.map((standing) => standing !== 'none')
      },
    }
  }
  const { id, scopes } = caller.key
  if (scopes.includes('read'))
    return { within: {}, name: 'everything', sees: async (requests) => requests.map(() => true) }
  return {
    within: { requesterId: id },
    name: JSON.stringify(['agent', id]),
    sees: async (requests) => requests.map(({ requester }) => requester.id === id),
  }
}

/** The one request, if there is one and it may be seen. @throws HttpProblem 404, the same in both cases (T04) */
export async function seen(sight: Sight, request: ApprovalRequest | null): Promise<ApprovalRequest> {
  if (request !== null && (await sight.sees([request]))[0] === true) return request
  throw noSuchRequest()
}

/** Said of a request that does not exist, and of one that the caller may not know of (T04). */
export function noSuchRequest(): HttpProblem {
  return new HttpProblem(
    404,
    'ERR_REQUEST_NOT_FOUND',
    'There is no such request, or it is not yours to see. Nothing was done.',
  )
}
