import type { ApprovalRequest } from '../contracts/request'
import type { DeliveryRow } from '../contracts/store'
import { dropOldest } from '../values/kept'
import type { Engine } from './engine'
import { laterLook } from './next-look'
import { putRow } from './store-call'

/**
 * Messages that this process keeps true for another one, which sent them. Both may change one of them at the same time: the one
 * that shows how its request ended notes that nobody needs to look again, and the other one may change it back after that, and
 * die. So whoever changes a message of another process notes that before, in a row that nobody else writes, and is looked
 * after by whoever has the approver (T34).
 */
export interface KeptMessages {
  /** From now on this process keeps it. */
  took(row: DeliveryRow): void
  /** Before it is changed. Rejects when that cannot be noted: then it is not changed. */
  changes(request: ApprovalRequest, row: DeliveryRow): Promise<void>
  /** Its channel was given up while it changed it, and may still do so when this process is gone: it is looked at later. */
  late(request: ApprovalRequest, row: DeliveryRow): void
  /** Those of this request show its end, or are kept no more. */
  done(requestId: string): void
}

/** What {@link createKeptMessages} needs of those who keep them. */
export interface KeptMessagesOptions {
  background(work: Promise<void>): void
}

/** The most requests that are remembered. */
const MOST = 10_000

/** Keeps an account of them. */
export function createKeptMessages(engine: () => Engine, { background }: KeptMessagesOptions): KeptMessages {
  /** By request and message: the row that says so, once it was needed; `late`: it stays, whatever this process does. */
  const kept = new Map<string, Map<string, DeliveryRow | 'late' | null>>()
  const put = async (row: DeliveryRow) => putRow(engine().store, row)

  function of(requestId: string): Map<string, DeliveryRow | 'late' | null> {
    const rows = kept.get(requestId) ?? new Map()
    kept.set(requestId, rows)
    // Those of a message that never arrives are not heard of again. What is forgotten here is looked after all the same.
    dropOldest(kept, MOST)
    return rows
  }

  return {
    took({ id, requestId }) {
      const rows = of(requestId)
      rows.set(id, rows.get(id) ?? null)
    },
    async changes(request, row) {
      const rows = kept.get(request.id)
      if (rows?.get(row.id) !== null) return
      const keeping = keepingRow(engine(), request, row)
      await put(keeping)
      rows.set(row.id, keeping)
    },
    late(request, row) {
      const rows = of(request.id)
      if (!rows.get(row.id)) background(put(keepingRow(engine(), request, row)))
      rows.set(row.id, 'late')
    },
    done(requestId) {
      const rows = kept.get(requestId)?.values() ?? []
      kept.delete(requestId)
      for (const row of rows)
        if (row !== null && row !== 'late') background(put({ ...row, nextAttemptAt: null }))
    },
  }
}

/** It asks nobody, and refers to the message by its id. */
function keepingRow(engine: Engine, request: ApprovalRequest, row: DeliveryRow): DeliveryRow {
  return {
    ...row,
    id: engine.newId(),
    stages: [],
    status: 'kept',
    reference: row.id,
    nextAttemptAt: laterLook(engine, request),
  }
}
