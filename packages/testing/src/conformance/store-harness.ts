import type { ApprovalStore } from '@gatewright/core'
import type { ConformanceCase } from './conformance-case'

type MaybePromise<T> = T | Promise<T>

/** What a harness may be unable to give. */
export type StoreCapability = 'clock' | 'reopen' | 'another'

/** How the suite gets at a store. */
export interface StoreHarness {
  /** A fresh, empty store. */
  create(): MaybePromise<ApprovalStore>
  /** Releases what `create` made: called with the last store object of a case, which may be closed. */
  dispose?(store: ApprovalStore): MaybePromise<void>
  /** The same data, after the store that is given was closed: what a restart finds. @default cases about restarts are skipped */
  reopen?(closed: ApprovalStore): MaybePromise<ApprovalStore>
  /** A second store object over the same data, as another process would have. The suite closes it. @default such cases are skipped */
  another?(store: ApprovalStore): MaybePromise<ApprovalStore>
  /** Moves the time that the store judges by; a {@link FakeClock} will do. @default cases that need time to pass are skipped */
  readonly clock?: { advance(ms: number): MaybePromise<void> }
  /** Real milliseconds after which a hint counts as lost; a stall of the machine counts for next to none. @default 5_000 */
  readonly patienceMs?: number
  /** Say `false` for what is not to be tried although the harness could. @default everything is `true` */
  readonly capabilities?: { readonly [Capability in StoreCapability]?: boolean }
}

/** What a case works with. */
export interface StoreContext {
  readonly store: ApprovalStore
  /** Real milliseconds after which a hint counts as lost. */
  readonly patienceMs: number
  /** Lets the store's time pass. */
  advance(ms: number): Promise<void>
  /** Closes the store and opens it again. */
  reopen(): Promise<ApprovalStore>
  /** A second store object over the same data. */
  another(): Promise<ApprovalStore>
}

/** A case of the store suite. */
export type StoreCase = ConformanceCase<StoreContext, StoreCapability>

/** Whether the harness lets a case be tried. */
export function canTry({ needs }: StoreCase, harness: StoreHarness): boolean {
  if (needs === undefined) return true
  return harness[needs] !== undefined && harness.capabilities?.[needs] !== false
}

/** Runs one case on a fresh store. Rejects when the store does not do what the case wants. */
export async function runStoreCase({ run }: StoreCase, harness: StoreHarness): Promise<void> {
  let store = await harness.create()
  const others: ApprovalStore[] = []
  try {
    await run({
      store,
      patienceMs: harness.patienceMs ?? 5_000,
      advance: async (ms) => harness.clock?.advance(ms),
      async reopen() {
        await store.close()
        store = (await harness.reopen?.(store)) ?? store
        return store
      },
      async another() {
        const other = (await harness.another?.(store)) ?? store
        others.push(other)
        return other
      },
    })
  } finally {
    for (const other of others) if (other !== store) await other.close()
    await harness.dispose?.(store)
  }
}
