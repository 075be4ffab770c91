import type { ApprovalRequest } from '../contracts/request'
import { type Progress, progress } from '../policy/progress'
import { votesNow } from '../values/votes-now'

/** Digest of the arguments that would run: the edited ones where a reviewer edited. */
export function effectiveDigest(request: ApprovalRequest): string {
  return request.edited?.digest ?? request.argumentsDigest
}

/** The snapshot's text of the arguments that would run. */
export function effectiveArguments(request: ApprovalRequest): string {
  return request.edited?.arguments ?? request.arguments
}

/** How far the votes on what would run have come; or those of them that are given. */
export function progressOf(request: ApprovalRequest, votes = votesNow(request)): Progress {
  return progress(request.policy.requirements, votes, effectiveDigest(request), request.escalated)
}
