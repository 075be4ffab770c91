import type { Approver, Delivery } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import type { StageRef } from './delivery-stages'
import type { Engine } from './engine'
import { nextLook } from './next-look'

/** A message that is about to be sent. Should nobody hear of it, it is due once a channel would have answered. */
export function newRow(
  engine: Engine,
  { name }: Approver,
  { id }: ApprovalRequest,
  stages: readonly StageRef[],
): DeliveryRow {
  return {
    id: engine.newId(),
    requestId: id,
    approver: name,
    stages,
    status: 'sending',
    attempts: 0,
    nextAttemptAt: engine.store.now() + engine.settings.deliveryTimeoutMs,
    reference: null,
    reached: [],
    shownVersion: 0,
    error: null,
  }
}

/** The same once people have it, showing this state of its request. */
export function sentRow(
  engine: Engine,
  approver: Approver,
  request: ApprovalRequest,
  row: DeliveryRow,
  { reached = 'everyone', reference }: Delivery,
): DeliveryRow {
  return {
    ...row,
    status: 'delivered',
    attempts: row.attempts + 1,
    nextAttemptAt: nextLook(engine, request, approver),
    reference: reference ?? null,
    reached,
    shownVersion: request.version,
  }
}
