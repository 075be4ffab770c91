import { type ApprovalStore, memoryStore } from '@gatewright/core'
import type { FakeClock } from '../fake-clock'
import { memoryDisk, type TableName } from '../memory-disk'
import { serialisingStore } from '../serialising-store'
import type { StoreHarness } from './store-harness'

/** A store that is wrong in one way. */
export interface BrokenStore {
  /** What is wrong with it. */
  readonly flaw: string
  /** Matches the names of cases, each of which must notice. */
  readonly caughtBy: RegExp
  harness(clock: FakeClock): StoreHarness
}

/** A harness for a right store that was changed. */
export function changedStore(
  flaw: string,
  caughtBy: RegExp,
  change: (store: ApprovalStore) => Partial<ApprovalStore>,
): BrokenStore {
  return {
    flaw,
    caughtBy,
    harness: (clock) => ({
      create() {
        const store = memoryStore({ clock })
        return { ...store, ...change(store) }
      },
      another: (store) => store,
      clock,
      patienceMs: 20,
    }),
  }
}

/** A harness for a store that finds some tables empty after a restart. */
export function forgetfulStore(flaw: string, caughtBy: RegExp, lost: TableName): BrokenStore {
  return {
    flaw,
    caughtBy,
    harness(clock) {
      let disk = memoryDisk()
      return {
        create() {
          disk = memoryDisk()
          return serialisingStore({ clock, disk })
        },
        reopen() {
          disk.transact((tables) => {
            for (const key of Object.keys(disk.dump()[lost] ?? {})) tables.delete(lost, key)
          })
          return serialisingStore({ clock, disk })
        },
        clock,
      }
    },
  }
}
