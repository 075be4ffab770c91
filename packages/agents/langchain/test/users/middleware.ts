// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, when } from '@gatewright/core'
import { gateMiddleware } from '@gatewright/langchain/middleware'
import { AIMessage, createAgent, fakeModel, tool } from 'langchain'
import { z } from 'zod'

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  policy: [when('tool.find_user').allow(), when('tool.drop_user').deny('never from an agent')],
  ephemeral: true,
})
async function main(): Promise<void> {
  const schema = z.object({ id: z.string() })
  const make = (name: string) =>
    tool(async ({ id }) => `did ${name} ${id}`, { name, description: 'd', schema })
  const agent = createAgent({
    model: fakeModel()
      .respondWithTools([
        { name: 'find_user', args: { id: 'ada' }, id: 'c1' },
        { name: 'drop_user', args: { id: 'ada' }, id: 'c2' },
      ])
      .respond(new AIMessage('done')),
    tools: [make('find_user'), make('drop_user')],
    middleware: [gateMiddleware({ gate })],
  })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go' }] })
  const told = messages.map(({ text }) => text)
  assert.equal(told[2], 'did find_user ada')
  assert.match(told[3] ?? '', /drop_user was not executed/)
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
