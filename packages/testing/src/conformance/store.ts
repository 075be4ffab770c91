import { describe, it } from 'vitest'
import { feedCases } from './store-cases-feed'
import { keepingCases } from './store-cases-keeping'
import { moveCases } from './store-cases-moves'
import { outboxCases } from './store-cases-outbox'
import { queryCases } from './store-cases-queries'
import { requestCases } from './store-cases-requests'
import { rowCases } from './store-cases-rows'
import { canTry, runStoreCase, type StoreCase, type StoreHarness } from './store-harness'

/** Everything that a store must do, as named cases. */
export const storeCases: readonly StoreCase[] = [
  ...requestCases,
  ...moveCases,
  ...outboxCases,
  ...queryCases,
  ...rowCases,
  ...keepingCases,
  ...feedCases,
]

/** For 5,000 requests on a slow disk. */
const TIMEOUT_MS = 60_000

/**
 * Tests a store against its contract, with a fresh one for each case. Cases that the harness cannot try, for want of a
 * clock, a restart or a second process, are reported as skipped.
 */
export function describeApprovalStore(name: string, harness: StoreHarness): void {
  describe(`${name} is an approval store`, () => {
    for (const one of storeCases) {
      if (canTry(one, harness)) it(one.name, () => runStoreCase(one, harness), TIMEOUT_MS)
      else it.skip(`${one.name} (no ${one.needs})`)
    }
  })
}
