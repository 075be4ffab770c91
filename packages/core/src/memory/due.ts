import type { ApprovalRequest } from '../contracts/request'
import type { Entry } from './listing'

/** What is due now, earliest first, and when the next one after those is. */
export interface Due {
  readonly requests: readonly ApprovalRequest[]
  readonly nextAt: number | null
}

/** Looks at each request once. */
export function findDue(entries: Iterable<Entry>, now: number, limit: number): Due {
  const due: ApprovalRequest[] = []
  let nextAt = Number.POSITIVE_INFINITY
  for (const { request } of entries) {
    if (request.dueAt === null) continue
    if (request.dueAt <= now) due.push(request)
    else if (request.dueAt < nextAt) nextAt = request.dueAt
  }
  due.sort((one, other) => timeOf(one) - timeOf(other))
  const requests = due.slice(0, limit)
  const first = due[requests.length]
  if (first !== undefined) nextAt = timeOf(first)
  return { requests, nextAt: nextAt === Number.POSITIVE_INFINITY ? null : nextAt }
}

function timeOf({ dueAt }: ApprovalRequest): number {
  return dueAt ?? Number.POSITIVE_INFINITY
}
