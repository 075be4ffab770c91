import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AGENT_CAPABILITIES,
  type AgentFamily,
  type AgentResult,
  agentFamilyTable,
  agentTable,
} from '@gatewright/testing/agents'
import { expect, test } from 'vitest'
import { root } from '../../scripts/workspace.mjs'

const folder = join(root, 'docs/agents')
const between = /(<!-- generated: agents -->\n)[\s\S]*?(<!-- \/generated -->)/

/** The frameworks, by the files of what the suite found, and the guides that show each way to use them. */
const FRAMEWORKS = [
  { name: 'AI SDK', files: /^ai-sdk/, guide: 'ai-sdk.md' },
  { name: 'Anthropic', files: /^anthropic/, guide: 'anthropic.md' },
  { name: 'LangChain', files: /^lang/, guide: 'langchain.md' },
  { name: 'MCP', files: /^mcp/, guide: 'mcp.md' },
  { name: 'OpenAI', files: /^openai/, guide: 'openai.md' },
  { name: 'a loop of your own', files: /^own-loop/, guide: null },
] as const

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()

function found(names: readonly string[]): AgentResult[] {
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

const families: (AgentFamily & { readonly guide: string | null })[] = FRAMEWORKS.map(
  ({ files: its, guide, name }) => ({ name, guide, results: found(files.filter((file) => its.test(file))) }),
)

const tables = [
  { guide: 'agents.md', table: agentFamilyTable(families) },
  ...families.flatMap(({ guide, results }) =>
    guide === null ? [] : [{ guide, table: agentTable(results) }],
  ),
]

test.each(tables)('the table of $guide is made of what the suite found', ({ guide, table }) => {
  const document = join(root, 'docs', guide)
  const written = readFileSync(document, 'utf8')
  expect(written).toMatch(between)
  const made = written.replace(between, (_all, begin, end) => `${begin}\n${table}\n${end}`)
  if (process.env.UPDATE_EXPORTS === '1') writeFileSync(document, made)
  else
    expect(written, 'after a deliberate change: UPDATE_EXPORTS=1 vitest run --project unit tests/docs').toBe(
      made,
    )
})

test('every adapter stands under one framework', () => {
  for (const file of files)
    expect(
      FRAMEWORKS.filter((framework) => framework.files.test(file)),
      file,
    ).toHaveLength(1)
})

test('every adapter passes the cases that all must pass, and says why it lacks what it lacks', () => {
  for (const { adapter, can, cannot, common } of found(files)) {
    expect(common.passed, adapter).toBe(common.of)
    const known = [...can, ...Object.keys(cannot)].length
    expect(known, `${adapter}: some capability neither passed nor has a reason`).toBe(
      Object.keys(AGENT_CAPABILITIES).length,
    )
  }
})
