import type { Approver } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { recordFailure } from './commit'
import type { Engine } from './engine'
import { TERMINAL } from './lifecycle'
import { canMend, laterLook, ownTurnEnds } from './next-look'
import type { ShownMessages } from './shown-messages'
import { createRound, type RetryRound } from './stale-messages'
import { putRow, readRequest, rowsOf, storeCall } from './store-call'

/** Looks after messages whose time has come, whoever sent them. */
export interface DueDeliveries {
  /** @throws GatewrightError `ERR_STORE_UNAVAILABLE` */
  round(): Promise<void>
}

/** What {@link createDueDeliveries} needs of those who send. */
export interface DueDeliveriesOptions {
  readonly shown: ShownMessages
  /** Sends it, or notes that it could not be sent. */
  attempt(approver: Approver, request: ApprovalRequest, row: DeliveryRow): Promise<void>
}

const BATCH = 100
/** How many are read in a round; the next one goes on where this one ended. */
const MOST_BATCHES = 10
/** How often it is tried to mend what may never have been sent, after the attempts to send it. */
const MORE_ATTEMPTS = 8

/**
 * Makes what looks after them (T34, T51): what is still to be sent is sent; what its request has ended without is made to
 * show that, whether its process is gone or its answer was lost; and what waits is looked at again later. Rows of approvers
 * that this process does not have are left to others, and hold up none of its own.
 */
export function createDueDeliveries(
  engine: () => Engine,
  { attempt, shown }: DueDeliveriesOptions,
): DueDeliveries {
  let from: DeliveryRow | null = null

  const put = (row: DeliveryRow) => putRow(engine().store, row)

  /** Answers whether the channel did what it was asked. */
  async function lookAfter(
    approver: Approver,
    request: ApprovalRequest | null,
    row: DeliveryRow,
  ): Promise<boolean> {
    // Its request was deleted meanwhile: nothing is known that it could show.
    if (request === null) await put({ ...row, status: 'failed', nextAttemptAt: null })
    else if (row.status === 'sending' && request.status === 'pending') {
      await shown.keep(request, row)
      await attempt(approver, request, row)
    } else if (row.status === 'delivered') return lookAtSent(approver, request, row)
    else if (row.status === 'kept') return lookAtKept(request, row)
    else return lookAtUnsure(approver, request, row)
    return true
  }

  async function lookAtSent(
    approver: Approver,
    request: ApprovalRequest,
    row: DeliveryRow,
  ): Promise<boolean> {
    const hasEnded = TERMINAL.has(request.status)
    const isTrue = row.shownVersion === request.version
    if (!canMend(approver) || (hasEnded && isTrue)) {
      await put({ ...row, nextAttemptAt: null })
      return true
    }
    // Before anything is tried: what fails must not come first again, and two processes need not try at once.
    const mine = await later(request, row)
    if (mine === null || isTrue) return true
    if (hasEnded) return shown.show(request, mine)
    shown.changed(request)
    return true
  }

  /** Whoever kept this message may have changed it back after it showed the end of its request, and be gone. */
  async function lookAtKept(request: ApprovalRequest, row: DeliveryRow): Promise<boolean> {
    const mine = await later(request, row)
    if (mine === null || !TERMINAL.has(request.status)) return true
    const rows = await rowsOf(engine().store, request.id)
    const message = rows.find(({ id, status }) => id === row.reference && status === 'delivered')
    if (message !== undefined && !(await shown.show(request, message))) return false
    await put({ ...row, nextAttemptAt: null })
    return true
  }

  /** People may have it or not. Nobody asks for it any more, so that nothing is sent: what they have is made true. */
  async function lookAtUnsure(
    approver: Approver,
    request: ApprovalRequest,
    row: DeliveryRow,
  ): Promise<boolean> {
    if (!canMend(approver) || approver.update === undefined) {
      await put({ ...row, status: 'failed', nextAttemptAt: null })
      return true
    }
    const mine = await later(request, { ...row, status: 'failed' })
    if (mine === null || !TERMINAL.has(request.status)) return true
    const tried = { ...mine, attempts: row.attempts + 1 }
    if (await shown.show(request, tried)) return true
    if (tried.attempts < engine().settings.deliveryAttempts + MORE_ATTEMPTS) await put(tried)
    else await recordFailure(engine(), request, { ...tried, nextAttemptAt: null })
    return false
  }

  /** Notes when it is looked at next. `null`: it is the turn of whoever keeps it. */
  async function later(request: ApprovalRequest, row: DeliveryRow): Promise<DeliveryRow | null> {
    const turnEnds = TERMINAL.has(request.status) ? ownTurnEnds(engine(), request) : 0
    const isTheirs = engine().store.now() < turnEnds
    const kept = shown.of(row.requestId).find(({ id }) => id === row.id)
    const next = { ...(kept ?? row), nextAttemptAt: isTheirs ? turnEnds : laterLook(engine(), request) }
    await put(next)
    return isTheirs || kept !== undefined ? null : next
  }

  /** One after the other takes its time: each is read anew, and what others did for it meanwhile is not done once more. */
  async function lookAfterAll(rows: readonly DeliveryRow[], channels: RetryRound): Promise<void> {
    const { settings, store } = engine()
    for (const { approver: name, id, nextAttemptAt, requestId } of rows) {
      const approver = settings.approvers.find((one) => one.name === name)
      if (approver === undefined || channels.isAway(name)) continue
      if (engine().state.status === 'closed') return
      const row = (await rowsOf(store, requestId)).find((one) => one.id === id)
      if (row?.nextAttemptAt !== nextAttemptAt) continue
      channels.told(name, await lookAfter(approver, await readRequest(store, requestId), row))
    }
  }

  return {
    async round() {
      const channels = createRound()
      const { settings, store } = engine()
      const mine = new Set(settings.approvers.map(({ name }) => name))
      for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
        const rows = await storeCall(() => store.deliveries.due(BATCH, from))
        await lookAfterAll(
          rows.filter(({ approver }) => mine.has(approver)),
          channels,
        )
        from = rows.length < BATCH ? null : (rows.at(-1) ?? null)
        if (from === null) return
      }
    },
  }
}
