import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runAgentCase } from './agent-scene'
import { agentCases, describeAgentAdapter } from './agents'
import type { BrokenAgent } from './broken-agent'
import { brokenAgents } from './broken-agents'
import { plainHarness } from './plain-adapter'

describeAgentAdapter('a loop of your own', plainHarness(), {
  results: join(import.meta.dirname, '../../../../docs/agents/own-loop.json'),
})

/** Real milliseconds for what never happens: these are broken. */
const PATIENCE_MS = 150

/** The names of the cases that should notice a flaw. */
function namesFor({ caughtBy }: BrokenAgent): readonly string[] {
  return agentCases.map(({ name }) => name).filter((name) => caughtBy.test(name))
}

describe('the suite for adapters notices that', () => {
  test.each(brokenAgents)('$flaw', async (broken) => {
    const cases = agentCases.filter(({ name }) => broken.caughtBy.test(name))
    expect(cases).not.toEqual([])
    const missed: string[] = []
    for (const one of cases) {
      await runAgentCase(one, plainHarness(broken.parts, PATIENCE_MS)).then(
        () => missed.push(one.name),
        () => {},
      )
    }
    expect(missed).toEqual([])
  })

  test('something is wrong, in each of its cases', () => {
    const used = new Set(brokenAgents.flatMap(namesFor))
    expect(agentCases.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  })
})
