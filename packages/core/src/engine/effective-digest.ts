import type { ApprovalRequest } from '../contracts/request'

/** Digest of the arguments that would run: the edited ones where a reviewer edited. */
export function effectiveDigest(request: ApprovalRequest): string {
  return request.edited?.digest ?? request.argumentsDigest
}
