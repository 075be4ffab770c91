import { describe, expect, test } from 'vitest'
import { fakeClock } from '../fake-clock'
import type { BrokenStore } from './broken-store'
import { brokenStores } from './broken-stores'
import { storeCases } from './store'
import { canTry, runStoreCase, type StoreCase } from './store-harness'

/** The cases that should notice a flaw. */
function casesFor({ caughtBy, harness }: BrokenStore): readonly StoreCase[] {
  const parts = harness(fakeClock())
  return storeCases.filter((one) => caughtBy.test(one.name) && canTry(one, parts))
}

describe('the suite for stores notices that', () => {
  test.each(brokenStores)('$flaw', async (broken) => {
    const cases = casesFor(broken)
    expect(cases).not.toEqual([])
    const missed: string[] = []
    for (const one of cases) {
      await runStoreCase(one, broken.harness(fakeClock())).then(
        () => missed.push(one.name),
        () => {},
      )
    }
    expect(missed).toEqual([])
  })

  test('something is wrong, in each of its cases', () => {
    const used = new Set(brokenStores.flatMap(casesFor))
    expect(storeCases.filter((one) => !used.has(one)).map(({ name }) => name)).toEqual([])
  })
})
