import type { Approver } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { includes } from '../policy/progress'
import type { StageRef } from './delivery-stages'

/** What is known of messages for a request. */
export interface KnownMessages {
  /** As the store has them, of every process. */
  readonly stored: readonly DeliveryRow[]
  /** Those that this process sent, and has not forgotten. */
  readonly sentHere: readonly DeliveryRow[]
  /** Whether this gate sees to it that each request has a message by each of its own approvers. */
  readonly attendsAll: boolean
}

/**
 * Open stages of a request that an approver has yet to ask. A message counts as long as people can see it: that of a
 * terminal, for as long as its process lives. Messages of other approvers stand for those of this one, unless the gate
 * attends all requests.
 */
export function uncoveredStages(
  approver: Pick<Approver, 'name' | 'transient'>,
  request: Pick<ApprovalRequest, 'id'>,
  open: readonly StageRef[],
  { attendsAll, sentHere, stored }: KnownMessages,
): readonly StageRef[] {
  const lasting = approver.transient === true ? [] : stored
  const covering = [...lasting, ...sentHere].filter(
    ({ approver: name, requestId, status }) =>
      requestId === request.id && status !== 'folded' && (name === approver.name || !attendsAll),
  )
  return open.filter(([r, s]) => !covering.some(({ stages }) => includes(stages, r, s)))
}
