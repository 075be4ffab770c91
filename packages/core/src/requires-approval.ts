import { type ApprovalDecorator, decorate } from './decorate'
import { gateFinder, type WithGate } from './require-approval'
import type { ApprovalOptions } from './wrap'

/**
 * Decorates an async method so that each call of it needs approval. Works as a TC39 and as a legacy decorator. The method
 * keeps its object; a decorated method cannot be resumed in another process, since only a call brings the object.
 *
 * @throws OptionError when something else than a method is decorated, or an option is wrong
 * @example
 * ```ts
 * import { requiresApproval } from '@gatewright/core'
 *
 * class Users {
 *   @requiresApproval({ action: 'user.delete', parameters: ['id'] })
 *   async remove(id: string): Promise<void> {}
 * }
 * ```
 */
export function requiresApproval(options: ApprovalOptions & WithGate): ApprovalDecorator {
  return decorate(options, gateFinder(options))
}
