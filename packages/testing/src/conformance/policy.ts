import { describe, it } from 'vitest'
import { type PolicyHarness, policyCases, runPolicyCase } from './policy-cases'

/**
 * Tests a policy against its contract, with generated calls: a legal decision for each, the same for equal calls, and
 * nothing but the call looked at.
 */
export function describePolicy(name: string, harness: PolicyHarness): void {
  describe(`${name} is a policy`, () => {
    for (const one of policyCases) it(one.name, () => runPolicyCase(one, harness))
  })
}
