import { type ApprovalStore, type Clock, type DeliveryRow, memoryStore } from '@gatewright/core'
import type { CrashPoints } from '../crash-points'
import { memoryDisk } from '../memory-disk'
import { serialisingStore } from '../serialising-store'

/** Which store the processes of a world share: one that keeps only bytes, or the memory store. */
export type StoreKind = 'serialising' | 'memory'

/** What the processes of a world share: it outlives each of them. */
export interface SharedStore {
  /** The store as one process has it: its calls pass through the process' points. */
  open(crash: CrashPoints): ApprovalStore
  /** Whether it holds the row of a message now. Asked by the world itself: takes no turn. */
  holdsDelivery(requestId: string, deliveryId: string): boolean
}

/** Makes an empty store for all processes of a world. */
export function shareStore(kind: StoreKind, clock: Clock): SharedStore {
  if (kind === 'serialising') {
    const disk = memoryDisk()
    return {
      open: (crash) => serialisingStore({ clock, disk, crash }),
      holdsDelivery: (_requestId, deliveryId) =>
        disk.transact((tables) => tables.read('deliveries', deliveryId) !== null),
    }
  }
  const store = memoryStore({ clock })
  return {
    open: (crash) => withPoints(store, 'store', crash),
    holdsDelivery: (requestId, deliveryId) => {
      // The memory store answers at once.
      const rows = store.deliveries.of(requestId)
      return Array.isArray(rows) && rows.some(({ id }: DeliveryRow) => id === deliveryId)
    },
  }
}

/** Puts a point before and after every call of a store that knows none. Hands in copies, as a process boundary would. */
function withPoints<T extends object>(part: T, path: string, crash: CrashPoints): T {
  const members = Object.entries(part).map(([name, member]: [string, unknown]) => {
    const at = `${path}.${name}`
    if (typeof member === 'object' && member !== null) return [name, withPoints(member, at, crash)]
    if (typeof member !== 'function' || name === 'now' || name === 'changes') return [name, member]
    const call = async (...args: unknown[]): Promise<unknown> => {
      const copies = structuredClone(args)
      await crash.point(`${at}.before`)
      const result: unknown = await member.apply(part, copies)
      await crash.point(`${at}.after`)
      return result
    }
    return [name, call]
  })
  return Object.fromEntries(members) as T
}
