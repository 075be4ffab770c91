import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AgentCapability } from './agent-capabilities'
import { aroundCases } from './agent-cases-around'
import { calledCases } from './agent-cases-called'
import { decidedCases } from './agent-cases-decided'
import { repeatedCases } from './agent-cases-repeated'
import { timedCases } from './agent-cases-timed'
import type { AgentHarness } from './agent-harness'
import { type AgentCase, runAgentCase } from './agent-scene'
import { agentResult } from './agent-table'

/** Everything that an adapter must do, as named cases. */
export const agentCases: readonly AgentCase[] = [
  ...decidedCases,
  ...calledCases,
  ...timedCases,
  ...repeatedCases,
  ...aroundCases,
]

/** What a case needs and the framework cannot do. */
function missingFor({ needs = [] }: AgentCase, harness: AgentHarness): AgentCapability | undefined {
  return needs.find((capability) => harness.cannot?.[capability] !== undefined)
}

/**
 * Tests the adapter of an agent framework, with a fresh agent, gate and store for each case. What happened is taken from
 * what the suite's tools did, from the store and the log, and from what the model was told; never from what the adapter
 * says. Cases that need what the framework cannot do are reported as skipped, with the reason in their names.
 *
 * @param options.results - a JSON file that says what the adapter can do, for {@link agentTable}: the last test compares
 *   it with what the others showed, or writes it where the environment says `UPDATE_EXPORTS=1`. @default none
 */
export function describeAgentAdapter(
  name: string,
  harness: AgentHarness,
  { results }: { readonly results?: string } = {},
): void {
  const passed = new Set<AgentCase>()
  describe(`${name} is an adapter of an agent framework`, () => {
    for (const one of agentCases) {
      const missing = missingFor(one, harness)
      if (missing !== undefined) it.skip(`${one.name} (no ${missing}: ${harness.cannot?.[missing]})`)
      else
        it(one.name, async () => {
          await runAgentCase(one, harness)
          passed.add(one)
        })
    }
    if (results === undefined) return
    it('can do what its results say', () => {
      const found = agentResult(name, harness, agentCases, passed)
      if (process.env.UPDATE_EXPORTS === '1') writeFileSync(results, `${JSON.stringify(found, null, 2)}\n`)
      expect(JSON.parse(readFileSync(results, 'utf8'))).toEqual(found)
    })
  })
}
