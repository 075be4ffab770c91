import type { ApprovalStore, DeliveryRow } from '../contracts/store'
import { freezeJson } from './freeze'
import type { Open } from './open'

/** Messages to people, by request. */
export interface Deliveries {
  readonly rows: ApprovalStore['deliveries']
  /** The request was deleted, and its rows with it. */
  forget(requestId: string): void
}

const NONE: readonly DeliveryRow[] = Object.freeze([])

/** Makes an empty table of deliveries. Rows of requests that do not exist (any more) are not kept. */
export function createDeliveries(open: Open, exists: (requestId: string) => boolean): Deliveries {
  const byRequest = new Map<string, readonly DeliveryRow[]>()
  const owners = new Map<string, string>()
  // Those of requests that have not ended, for the most part, however many were delivered.
  const timed = new Map<string, DeliveryRow>()

  const rowsOf = (requestId: string): readonly DeliveryRow[] => byRequest.get(requestId) ?? NONE

  return {
    forget(requestId) {
      for (const { id } of rowsOf(requestId)) {
        timed.delete(id)
        owners.delete(id)
      }
      byRequest.delete(requestId)
    },
    rows: {
      put(row) {
        open()
        if (!exists(row.requestId)) return
        const owner = owners.get(row.id) ?? row.requestId
        const others = rowsOf(owner).filter(({ id }) => id !== row.id)
        byRequest.set(owner, Object.freeze(others))
        owners.set(row.id, row.requestId)
        byRequest.set(row.requestId, Object.freeze([...rowsOf(row.requestId), freezeJson(row)]))
        if (row.nextAttemptAt === null) timed.delete(row.id)
        else timed.set(row.id, row)
      },
      of(requestId) {
        open()
        return rowsOf(requestId)
      },
      due(limit, after = null) {
        const now = open()
        const rows: DeliveryRow[] = []
        for (const row of timed.values())
          if (dueAt(row) <= now && (after === null || inOrder(after, row) < 0)) rows.push(row)
        return rows.sort(inOrder).slice(0, limit)
      },
    },
  }
}

/** By their time, and those of one time by their ids. */
function inOrder(one: DeliveryRow, other: DeliveryRow): number {
  return dueAt(one) - dueAt(other) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
}

function dueAt({ nextAttemptAt }: DeliveryRow): number {
  return nextAttemptAt ?? Number.NEGATIVE_INFINITY
}
