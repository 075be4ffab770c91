// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, when } from '@gatewright/core'
import { gateAgent, gateTool } from '@gatewright/openai/agents'
import { Agent, RunContext, tool } from '@openai/agents'
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
  tool({
    name,
    description: 'd',
    parameters: z.object({ id: z.string() }),
    execute: async ({ id }) => `did ${id}`,
  })
const made = make('find_user')
const gated = gateTool(made, { gate })
export const exact: Same<typeof gated, typeof made> = true

async function main(): Promise<void> {
  const call = async (one: typeof gated, callId: string) => {
    const toolCall = { type: 'function_call' as const, callId, name: one.name, arguments: '{"id":"ada"}' }
    return one.invoke(new RunContext(), toolCall.arguments, { toolCall })
  }
  assert.equal(await call(gated, 'c1'), 'did ada')
  const agent = gateAgent(new Agent({ name: 'janitor', tools: [make('drop_user')] }), { gate })
  const [dropUser] = agent.tools
  assert.match(String(await call(dropUser as typeof gated, 'c2')), /drop_user was not executed/)
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
