import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_CAPABILITIES, type AgentResult, agentTable } from '@gatewright/testing/agents'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'

const document = join(root, 'docs/agents.md')
const folder = join(root, 'docs/agents')
const between = /(<!-- generated: agents -->\n)[\s\S]*?(<!-- \/generated -->)/

/** What the suite found of each adapter, in the order of the files' names. */
function results(): AgentResult[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

test('the table of agent frameworks is made of what the suite found', () => {
  const written = readFileSync(document, 'utf8')
  expect(written).toMatch(between)
  const made = written.replace(between, (_all, begin, end) => `${begin}\n${agentTable(results())}\n${end}`)
  if (process.env.UPDATE_EXPORTS === '1') writeFileSync(document, made)
  else
    expect(written, 'after a deliberate change: UPDATE_EXPORTS=1 vitest run --project unit tests/docs').toBe(
      made,
    )
})

test('every adapter passes the cases that all must pass, and says why it lacks what it lacks', () => {
  for (const { adapter, can, cannot, common } of results()) {
    expect(common.passed, adapter).toBe(common.of)
    const known = [...can, ...Object.keys(cannot)].length
    expect(known, `${adapter}: some capability neither passed nor has a reason`).toBe(
      Object.keys(AGENT_CAPABILITIES).length,
    )
  }
})
