import type { Approver, Delivery, Recipients } from '../contracts/approver'
import type { Awaitable } from '../contracts/awaitable'
import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { includes } from '../policy/progress'
import { withDeadline } from '../values/deadline'
import { isPromise } from '../values/is-promise'
import { moveSafely } from './cancel'
import { recordAlone, recordFailure } from './commit'
import { newRow, sentRow } from './delivery-rows'
import { openStages, recipients, type StageRef } from './delivery-stages'
import { createDueDeliveries } from './due-deliveries'
import type { Engine } from './engine'
import { personData } from './events'
import { createFolding, type Folding } from './folding'
import { TERMINAL } from './lifecycle'
import { nextLook } from './next-look'
import { reviewFor } from './present'
import { unreachableStages } from './reach'
import { createShownMessages } from './shown-messages'
import { putRow, readRequest, rowsOf, storeCall } from './store-call'
import { uncoveredStages } from './uncovered'

/** Brings requests to people, and keeps what they see true. Nothing here decides: the store does. */
export interface Deliveries {
  /** Asks the people of the open stages. In the background: a caller never waits for a channel. */
  ask(request: ApprovalRequest): void
  /** A vote was counted: whoever may vote now is asked, if they were not before. */
  progressed(before: ApprovalRequest, after: ApprovalRequest): void
  /** A request moved: messages that show it, of this process or of one that is gone, are brought up to date. */
  changed(request: ApprovalRequest): void
  /** Somebody else may have moved them: looks at those this process has messages of. */
  hint(ids: readonly string[]): void
  /** Tells the people of the open stages again. */
  again(request: ApprovalRequest, purpose: 'remind' | 'escalate'): void
  /** Sends what is due again, and looks at messages whose time for that has come, whoever sent them. */
  retryDue(): Promise<void>
  /** Brings messages up to date that could not be before, as far as their time has come. */
  retryStale(): Promise<void>
  /** Reads again some of the requests that messages here show. */
  readSome(): Promise<void>
  /**
   * After a restart: of requests whose process is gone (of all, in a gate that attends all), sends what was never sent,
   * updates messages that show an old state, and from then on keeps them true (T34, T51).
   */
  reconcile(requests: readonly ApprovalRequest[]): Promise<void>
  /** For a gate that attends all requests: sends what its approvers were not asked for yet, whoever opened them. */
  attend(ids: readonly string[]): void
  /** A call of this process waits for a request that another one opened, perhaps one that is gone: sends what no message asks. */
  adopt(request: ApprovalRequest): void
  /** Resolves once nothing is being sent. */
  idle(): Promise<void>
}

/** Rejects once both have ended, when one of them rejected: neither is under way any more. */
async function bothEnd(first: Awaitable<void>, second: Promise<void>): Promise<void> {
  if (!isPromise(first)) return second
  for (const end of await Promise.allSettled([first, second])) if (end.status === 'rejected') throw end.reason
}

/** Makes the deliveries of one gate. */
export function createDeliveries(engine: () => Engine): Deliveries {
  const busy = new Set<Promise<void>>()
  const attending = new Set<string>()
  const folding: Folding = createFolding(engine, (request) =>
    background(send(request, openStages(request), 'ask')),
  )
  const shown = createShownMessages(engine, { folding, background, unreached: settle })
  const due = createDueDeliveries(engine, {
    shown,
    attempt: (approver, request, row) => attempt(approver, request, row, 'ask'),
  })

  function background(work: Promise<void>): void {
    const tracked: Promise<void> = work.then(
      () => void busy.delete(tracked),
      (error: unknown) => {
        busy.delete(tracked)
        engine().logger.error('a delivery failed unexpectedly; it is tried again at the next sweep', {
          error,
        })
      },
    )
    busy.add(tracked)
  }

  async function send(
    request: ApprovalRequest,
    stages: readonly StageRef[],
    purpose: Recipients['purpose'],
  ): Promise<void> {
    if (stages.length === 0) return
    const { approvers } = engine().settings
    const [first] = approvers
    // Most gates have one channel, and gathering its promise would cost as much as making it.
    if (approvers.length === 1 && first !== undefined) await sendBy(first, request, stages, purpose)
    else await Promise.all(approvers.map((approver) => sendBy(approver, request, stages, purpose)))
  }

  async function sendBy(
    approver: Approver,
    request: ApprovalRequest,
    stages: readonly StageRef[],
    purpose: Recipients['purpose'],
  ): Promise<void> {
    const row = newRow(engine(), approver, request, stages)
    // T51: the id is saved before anything is sent, so that sending again after a crash finds the same message.
    const saving = putRow(engine().store, row)
    if (isPromise(saving)) await saving
    await attempt(approver, request, row, purpose)
  }

  async function attempt(
    approver: Approver,
    request: ApprovalRequest,
    row: DeliveryRow,
    purpose: Recipients['purpose'],
  ): Promise<void> {
    const { clock, settings, store } = engine()
    const controller = new AbortController()
    let sending: Promise<Delivery> | null = null
    try {
      const building = reviewFor(engine(), request, approver.limits ?? null, folding.behind(request))
      const review = isPromise(building) ? await building : building
      sending = approver.deliver(review, recipients(request, row.stages, purpose), row.id, controller.signal)
      const delivery = await withDeadline(
        clock,
        settings.deliveryTimeoutMs,
        sending,
        `the approver ${approver.name}`,
        () => controller.abort(),
      )
      const sent = sentRow(engine(), approver, request, row, delivery)
      // People have it before them, whether that can be saved or not.
      if (approver.update !== undefined || approver.transient === true) shown.sent(sent)
      // Asked for together, so that a store can save both at once; and judged once both have ended.
      const saving = putRow(store, sent)
      const facts = {
        approver: approver.name,
        deliveryId: row.id,
        purpose,
        reached: sent.reached === 'everyone' ? 'everyone' : sent.reached.map(personData),
        requestId: request.id,
        reviewDigest: review.digest,
      }
      await bothEnd(saving, recordAlone(engine(), 'delivery.sent', facts, request))
      // Whoever may vote can see it, and nobody can count them: there is nothing to judge or to show again.
      const certain = sent.reached === 'everyone' && settings.directory?.members === undefined
      if (!certain || approver.update !== undefined) await settle(request.id)
    } catch (error) {
      shown.mayArrive(error, sending, (delivery) => sentRow(engine(), approver, request, row, delivery))
      await failed(approver, request, row, error)
    }
  }

  async function failed(
    approver: Approver,
    request: ApprovalRequest,
    row: DeliveryRow,
    error: unknown,
  ): Promise<void> {
    const { settings, store, logger, sweeper } = engine()
    const attempts = row.attempts + 1
    const last = attempts >= settings.deliveryAttempts
    const wait = settings.deliveryBackoffMs * 2 ** (attempts - 1)
    // Perhaps only the answer was lost, and people have it: then it must not ask when all is decided.
    const nextAttemptAt = last ? nextLook(engine(), request, approver) : store.now() + wait
    logger.warn(
      `${row.approver} could not deliver request ${request.id} (attempt ${attempts} of ${settings.deliveryAttempts})`,
      { error },
    )
    await recordFailure(engine(), request, {
      ...row,
      status: last ? 'failed' : 'sending',
      attempts,
      nextAttemptAt,
      error: error instanceof Error ? error.name : 'unknown',
    })
    sweeper.due(nextAttemptAt)
    if (last) await settle(request.id)
  }

  /** T28, T55: judged per stage against its quorum, once every attempt has ended. */
  async function settle(id: string): Promise<void> {
    const request = await readRequest(engine().store, id)
    if (request === null) return
    if (request.status !== 'pending') return shown.changed(request)
    const rows = await rowsOf(engine().store, id)
    const lost = await unreachableStages(engine(), request, rows)
    if (lost.length === 0) return
    const rescue = lost.filter(({ canEscalate }) => canEscalate).map(({ stage }) => stage)
    if (rescue.length < lost.length) {
      const names = lost.map(({ name }) => name).join(', ')
      await moveSafely(engine(), id, {
        type: 'undeliver',
        reason: `too few reviewers of ${names} could be reached`,
      })
      return
    }
    const next = await moveSafely(engine(), id, {
      type: 'escalate',
      stages: rescue,
      reason: 'nobody else could be reached',
    })
    if (next?.status === 'pending') await send(next, rescue, 'escalate')
  }

  /** What no message asks yet. */
  async function sendMissing(request: ApprovalRequest, stored: readonly DeliveryRow[]): Promise<void> {
    if (request.status !== 'pending') return
    const { approvers, attend } = engine().settings
    const open = openStages(request)
    for (const approver of approvers) {
      const known = { stored, sentHere: shown.of(request.id), attendsAll: attend === 'all' }
      const missing = uncoveredStages(approver, request, open, known)
      if (missing.length > 0) await sendBy(approver, request, missing, 'ask')
    }
  }

  async function attendOne(id: string): Promise<void> {
    if (attending.has(id)) return
    attending.add(id)
    try {
      const { store, processId } = engine()
      const request = await readRequest(store, id)
      // What this process opened it asks for by itself.
      if (request?.status !== 'pending' || request.processId === processId) return
      await sendMissing(request, await rowsOf(store, id))
    } finally {
      attending.delete(id)
    }
  }

  async function reconcileOne(request: ApprovalRequest, rows: readonly DeliveryRow[]): Promise<void> {
    const stale = rows.filter(
      ({ status, shownVersion }) => status === 'delivered' && shownVersion !== request.version,
    )
    // What may still move is read anew by the one that refreshes it: an old state never comes after a newer one.
    if (!TERMINAL.has(request.status)) shown.hint(stale.length > 0 ? [request.id] : [])
    else for (const row of stale) await shown.show(request, row)
    await sendMissing(request, rows)
  }

  return {
    ask(request) {
      if (engine().settings.approvers.length === 0 || folding.follow(request)) return
      background(send(request, openStages(request), 'ask'))
    },
    progressed(before, after) {
      if (after.status !== 'pending') return
      const edited = before.edited?.digest !== after.edited?.digest
      const asked = edited ? [] : openStages(before)
      const opened = openStages(after).filter(([r, s]) => !includes(asked, r, s))
      background(send(after, opened, 'ask'))
    },
    changed(request) {
      if (TERMINAL.has(request.status) || request.status === 'approved') folding.left(request)
      shown.changed(request)
    },
    hint: shown.hint,
    retryStale: shown.retryStale,
    readSome: shown.readSome,
    again(request, purpose) {
      // T30: one message for all that are equal goes for reminders too.
      if (folding.isBehind(request)) return
      background(send(request, openStages(request), purpose))
    },
    retryDue: due.round,
    async reconcile(requests) {
      const all = engine().settings.attend === 'all'
      // Before anything is awaited: what moves meanwhile is heard of.
      for (const request of requests) shown.inherit(request)
      const owners = [...new Set(requests.map(({ processId }) => processId))]
      const live = new Set(await storeCall(() => engine().store.leases.live(owners)))
      const mine = requests.filter(({ processId }) => all || !live.has(processId))
      if (!all) for (const request of requests) if (live.has(request.processId)) shown.leave(request)
      const stored = await Promise.all(mine.map(async ({ id }) => rowsOf(engine().store, id)))
      // One after the other: a channel is not flooded, and nothing is still being sent when a start fails.
      for (const [index, request] of mine.entries()) await reconcileOne(request, stored[index] ?? [])
    },
    attend(ids) {
      if (engine().settings.attend !== 'all') return
      for (const id of ids) background(attendOne(id))
    },
    adopt({ id, processId, status }) {
      if (status === 'pending' && processId !== engine().processId) background(attendOne(id))
    },
    async idle() {
      while (busy.size > 0) await Promise.all(busy)
    },
  }
}
