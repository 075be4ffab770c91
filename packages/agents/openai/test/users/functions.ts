// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, when } from '@gatewright/core'
import { gateFunctions, gateRunnableTools } from '@gatewright/openai'
import type OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
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
const parameters = z.object({ id: z.string() })
const functions = gateFunctions(
  {
    find_user: { parameters, execute: async ({ id }) => `found ${id}` },
    drop_user: { parameters, execute: async ({ id }) => `dropped ${id}` },
  },
  { gate, runId: 'run' },
)
export const offered: OpenAI.ChatCompletionTool[] = functions.chatTools
const tools = [zodFunction({ name: 'find_user', parameters, function: ({ id }) => id })]
const gated = gateRunnableTools(tools, { gate })
export const exact: Same<typeof gated, typeof tools> = true

async function main(): Promise<void> {
  const call = (id: string, name: string) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: '{"id":"ada"}' },
  })
  const tool_calls = [call('c1', 'find_user'), call('c2', 'drop_user')]
  const message = { role: 'assistant' as const, content: null, refusal: null, tool_calls }
  const answers: OpenAI.ChatCompletionMessageParam[] = await functions.chat(message)
  assert.equal(answers[0]?.content, 'found ada')
  assert.match(String(answers[1]?.content), /drop_user was not executed/)
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
