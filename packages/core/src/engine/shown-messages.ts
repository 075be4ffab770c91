import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { withDeadline } from '../values/deadline'
import type { Engine } from './engine'
import type { Folding } from './folding'
import { TERMINAL } from './lifecycle'
import { reviewFor } from './present'
import { storeCall } from './store-call'

/** Messages that people have before them, and which this process keeps true: its own, and those of processes that are gone. */
export interface ShownMessages {
  /** This process sent one. */
  sent(row: DeliveryRow): void
  /** Those this process knows of a request, by the rows it saw. */
  of(requestId: string): readonly DeliveryRow[]
  /** What others showed of this request, this process keeps true from now on. Nothing is read until the request moves. */
  inherit(request: ApprovalRequest): void
  /** The process of this request lives, and does so itself. */
  leave(request: ApprovalRequest): void
  /** This process moved the request. */
  changed(request: ApprovalRequest): void
  /** Another process may have moved them. */
  hint(ids: readonly string[]): void
  /** Makes one message show the request as it is. */
  show(request: ApprovalRequest, row: DeliveryRow): Promise<void>
}

/** Keeps the messages of one gate. */
export function createShownMessages(
  engine: () => Engine,
  folding: Folding,
  background: (work: Promise<void>) => void,
): ShownMessages {
  /** Until their request has ended. */
  const known = new Map<string, DeliveryRow[]>()
  /** Requests whose messages others sent, which this process has not read yet. */
  const inherited = new Set<string>()
  const refreshing = new Map<string, 'once' | 'again'>()

  function remember(row: DeliveryRow): void {
    known.set(row.requestId, [...(known.get(row.requestId) ?? []).filter(({ id }) => id !== row.id), row])
  }

  /** One refresh a request at a time, and one more if it moved meanwhile: updates arrive in order, the last state last. */
  function refresh(id: string): void {
    if (!known.has(id) && !inherited.has(id)) return
    if (refreshing.has(id)) {
      refreshing.set(id, 'again')
      return
    }
    refreshing.set(id, 'once')
    background(refreshNow(id).finally(() => refreshing.delete(id)))
  }

  async function refreshNow(id: string): Promise<void> {
    do {
      refreshing.set(id, 'once')
      if (inherited.has(id)) await readInherited(id)
      const request = await storeCall(() => engine().store.get(id))
      if (request === null) {
        known.delete(id)
        return
      }
      for (const row of known.get(id) ?? []) await show(request, row)
      if (TERMINAL.has(request.status)) known.delete(id)
    } while (refreshing.get(id) === 'again')
  }

  async function readInherited(id: string): Promise<void> {
    const rows = await storeCall(() => engine().store.deliveries.of(id))
    // What this process sent it knows better.
    const own = new Set((known.get(id) ?? []).map((row) => row.id))
    for (const row of rows) if (row.status === 'delivered' && !own.has(row.id)) remember(row)
    inherited.delete(id)
  }

  async function show(request: ApprovalRequest, row: DeliveryRow): Promise<void> {
    const { settings, store, clock, logger } = engine()
    const approver = settings.approvers.find(({ name }) => name === row.approver)
    if (approver?.update === undefined) return
    try {
      const review = await reviewFor(engine(), request, approver.limits ?? null, folding.behind(request))
      await withDeadline(
        clock,
        settings.deliveryTimeoutMs,
        approver.update(review, { id: row.id, reference: row.reference }),
        `the approver ${row.approver}`,
      )
      const updated = { ...row, shownVersion: request.version }
      if (known.has(request.id)) remember(updated)
      await storeCall(() => store.deliveries.put(updated))
    } catch (error) {
      // The message is stale; the store decides whatever it shows (T34).
      logger.warn(`${row.approver} could not update its message for request ${request.id}`, { error })
    }
  }

  /** The process that showed it may have died since this one started. */
  async function takeOver({ id, processId }: ApprovalRequest): Promise<void> {
    const live = await storeCall(() => engine().store.leases.live([processId]))
    if (live.length > 0) return
    inherited.add(id)
    refresh(id)
  }

  const updates = (): boolean => engine().settings.approvers.some(({ update }) => update !== undefined)

  return {
    sent: remember,
    of: (requestId) => known.get(requestId) ?? [],
    inherit({ id, processId, status }) {
      if (processId !== engine().processId && !TERMINAL.has(status) && updates()) inherited.add(id)
    },
    leave: ({ id }) => void inherited.delete(id),
    changed(request) {
      refresh(request.id)
      if (request.processId === engine().processId || known.has(request.id) || inherited.has(request.id))
        return
      if (updates()) background(takeOver(request))
    },
    hint(ids) {
      for (const id of ids) refresh(id)
    },
    show,
  }
}
