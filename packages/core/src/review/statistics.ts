import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import type { ApprovalStore, RequestFilter } from '../contracts/store'
import { pagesOf } from '../engine/pages'
import { checkCount } from '../values/checks'

/** What became of requests that were put before people. */
export interface RequestStatistics {
  /** How many were looked at: the newest that the filter matches, at most as many as were asked for. */
  readonly requests: number
  readonly approved: number
  readonly rejected: number
  /** Nobody decided in time, or nobody could be reached. */
  readonly unanswered: number
  /** Taken back by the caller before anybody decided. */
  readonly cancelled: number
  readonly waiting: number
  /** Approved among those that were approved or rejected; `null` while there are none. */
  readonly approvalRate: number | null
  /** From asking to the decision of people, in milliseconds: the middle one, and the slowest of nine in ten. */
  readonly decisionMs: { readonly median: number; readonly p90: number } | null
}

/** Which requests to look at. */
export interface StatisticsOptions
  extends Pick<RequestFilter, 'action' | 'argumentShape' | 'requesterId' | 'createdAfter' | 'createdBefore'> {
  /** The newest so many. @default 1,000 */
  readonly most?: number
}

const PAGE = 250

/** Looks at the newest requests of a kind. What was approved without people, by policy or a grant, does not count. */
export async function requestStatistics(
  store: ApprovalStore,
  { most = 1_000, ...filter }: StatisticsOptions,
): Promise<RequestStatistics> {
  checkCount(most, 'requests.statistics.most')
  const count = { approved: 0, rejected: 0, unanswered: 0, cancelled: 0, waiting: 0 }
  const times: number[] = []
  let requests = 0
  for await (const page of pagesOf(store, filter, Math.min(PAGE, most))) {
    for (const request of page.slice(0, most - requests)) {
      requests += 1
      if (request.basis !== null && request.basis !== 'votes') continue
      count[verdictOf(request)] += 1
      const decidedAt = request.approvedAt ?? (request.status === 'rejected' ? request.resolution?.at : null)
      if (decidedAt != null) times.push(Math.max(0, decidedAt - request.createdAt))
    }
    if (requests === most) break
  }
  const decided = count.approved + count.rejected
  return {
    requests,
    ...count,
    approvalRate: decided === 0 ? null : count.approved / decided,
    decisionMs: quantiles(times),
  }
}

const UNANSWERED: ReadonlySet<RequestStatus> = new Set<RequestStatus>(['expired', 'undeliverable'])

function verdictOf({ approvedAt, status }: ApprovalRequest) {
  if (approvedAt !== null) return 'approved'
  if (status === 'rejected') return 'rejected'
  if (UNANSWERED.has(status)) return 'unanswered'
  return status === 'pending' ? 'waiting' : 'cancelled'
}

function quantiles(times: number[]): RequestStatistics['decisionMs'] {
  if (times.length === 0) return null
  times.sort((one, other) => one - other)
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? 0
  return { median: at(0.5), p90: at(0.9) }
}
