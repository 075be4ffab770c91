import type { Approver } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import type { Engine } from './engine'
import { endedAt, TERMINAL } from './lifecycle'

const LONGEST_WAIT_MS = 3_600_000

/**
 * How long whoever keeps a message true has for it: its lease has ended by then if it is gone, and what it asked of the
 * channel has come to an end.
 */
function ownTurnMs({ settings }: Engine): number {
  return Math.max(settings.leaseMs, settings.deliveryTimeoutMs)
}

/**
 * When a message is looked at again by whoever has its approver: after as long as its request has been in its state, at least
 * once an hour, and when time ends that state. So one whose process is gone is mended soon, and one that waits for days costs
 * next to nothing.
 */
export function laterLook(engine: Engine, request: ApprovalRequest): number {
  const now = engine.store.now()
  const { since, until } = stateOf(request, now)
  const least = ownTurnMs(engine)
  return now + Math.max(least, Math.min(now - since, until - now, LONGEST_WAIT_MS))
}

function stateOf(request: ApprovalRequest, now: number): { readonly since: number; readonly until: number } {
  const since = request.execution?.startedAt ?? request.createdAt
  if (request.status === 'pending') return { since, until: request.expiresAt }
  if (request.status === 'approved') return { since, until: request.useBefore ?? now }
  return { since, until: Number.POSITIVE_INFINITY }
}

/** The same for one that shows this state of its request: `null` where there is nothing more to show, or nobody to show it. */
export function nextLook(
  engine: Engine,
  request: ApprovalRequest,
  approver: Approver | undefined,
): number | null {
  if (!canMend(approver) || TERMINAL.has(request.status)) return null
  return laterLook(engine, request)
}

/** Until when a request that has ended is left to whoever kept its messages so far. */
export function ownTurnEnds(engine: Engine, request: ApprovalRequest): number {
  return endedAt(request) + ownTurnMs(engine)
}

/** Whether another process than the one that sent it can change a message of this approver. */
export function canMend(approver: Approver | undefined): boolean {
  return approver?.update !== undefined && approver.transient !== true
}
