// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { gateTools, ToolRefusedError } from '@gatewright/ai-sdk'
import { createGate, group, when } from '@gatewright/core'
import { tool } from 'ai'
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
const tools = {
  findUser: tool({
    inputSchema: z.object({ name: z.string() }),
    execute: async ({ name }) => ({ id: `u-${name}` }),
  }),
  dropUser: tool({ inputSchema: z.object({ id: z.string() }), execute: async ({ id }) => id.length }),
}
const gated = gateTools(tools, { gate, runId: 'run' })
export const exact: Same<typeof gated, typeof tools> = true

async function main(): Promise<void> {
  const call = (toolCallId: string) => ({ toolCallId, messages: [] }) as never
  assert.deepEqual(await gated.findUser.execute?.({ name: 'ada' }, call('c1')), { id: 'u-ada' })
  const refused = async () => gated.dropUser.execute?.({ id: 'u-ada' }, call('c2'))
  await assert.rejects(
    refused,
    (error) => error instanceof ToolRefusedError && /not executed/.test(error.message),
  )
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
