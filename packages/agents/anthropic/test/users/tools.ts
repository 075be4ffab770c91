// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { gateRunner, gateTools } from '@gatewright/anthropic'
import { createGate, group, when } from '@gatewright/core'
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
const make = (name: string) =>
  betaZodTool({
    name,
    description: 'd',
    inputSchema: z.object({ id: z.string() }),
    run: async ({ id }) => `did ${id}`,
  })
const tools = [make('find_user'), make('drop_user')] as const
const gated = gateTools(tools, { gate })
export const exact: Same<typeof gated, typeof tools> = true

async function main(): Promise<void> {
  assert.equal(await gated[0].run({ id: 'ada' }), 'did ada')
  await assert.rejects(async () => gated[1].run({ id: 'ada' }), /not executed/)

  const client = new Anthropic({ apiKey: 'none', baseURL: 'http://127.0.0.1:9' })
  const messages = [{ role: 'user' as const, content: 'go' }]
  const runner = client.beta.messages.toolRunner({
    model: 'm',
    max_tokens: 1,
    messages,
    tools: [make('find_user')],
  })
  assert.equal(gateRunner(runner, { gate, runId: 'run' }), runner)
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
