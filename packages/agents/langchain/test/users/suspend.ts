// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, person } from '@gatewright/core'
import { pendingRequests } from '@gatewright/langchain'
import { gateMiddleware } from '@gatewright/langchain/middleware'
import { Command, MemorySaver } from '@langchain/langgraph'
import { AIMessage, createAgent, fakeModel, tool } from 'langchain'
import { z } from 'zod'

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  ephemeral: true,
})
const rita = person('https://idp.example.com', 'rita', { groups: ['ops'], assurance: { method: 'sso' } })

async function main(): Promise<void> {
  const dropUser = tool(async ({ id }) => `dropped ${id}`, {
    name: 'drop_user',
    description: 'd',
    schema: z.object({ id: z.string() }),
  })
  const agent = createAgent({
    model: fakeModel()
      .respondWithTools([{ name: 'drop_user', args: { id: 'ada' }, id: 'c1' }])
      .respond(new AIMessage('done')),
    tools: [dropUser],
    checkpointer: new MemorySaver(),
    middleware: [gateMiddleware({ gate, wait: 'suspend' })],
  })
  const thread = { configurable: { thread_id: 'thread-1' } }
  const [waiting] = pendingRequests(
    await agent.invoke({ messages: [{ role: 'user', content: 'go' }] }, thread),
  )
  const { interruptId, requestId } = waiting ?? {}
  assert.ok(interruptId && requestId)
  const digest = (await gate.requests.review(requestId))?.digest ?? ''
  await gate.vote({ requestId, digest, decision: 'approve', actor: rita })
  const { messages } = await agent.invoke(new Command({ resume: { [interruptId]: true } }), thread)
  assert.ok(messages.some(({ text }) => text === 'dropped ada'))
  await gate.close()
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
