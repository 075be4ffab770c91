// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, when } from '@gatewright/core'
import { gateTools } from '@gatewright/langchain'
import { tool } from '@langchain/core/tools'
import { z } from 'zod'

/** `true` where two types are the very same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  policy: [when('tool.find_user').allow(), when('tool.drop_user').deny('never from an agent')],
  ephemeral: true,
})
const schema = z.object({ id: z.string() })
const tools = [
  tool(async ({ id }) => `found ${id}`, { name: 'find_user', description: 'd', schema }),
  tool(async ({ id }) => id.length, { name: 'drop_user', description: 'd', schema }),
] as const
const gated = gateTools(tools, { gate, runId: 'run' })
export const exact: Same<typeof gated, typeof tools> = true

async function main(): Promise<void> {
  assert.equal(await gated[0].invoke({ id: 'ada' }), 'found ada')
  const refused = await gated[1].invoke({
    type: 'tool_call',
    id: 'c2',
    name: 'drop_user',
    args: { id: 'ada' },
  })
  assert.match(JSON.stringify(refused), /not executed/)
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
