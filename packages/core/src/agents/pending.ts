import { GatewrightError } from '../errors'

/** Whether a call was not run because people have not decided yet, and its host need not wait: `ERR_APPROVAL_PENDING`. */
export function isPending(error: unknown): error is GatewrightError & { readonly requestId: string } {
  return GatewrightError.isInstance(error, 'ERR_APPROVAL_PENDING')
}
