import type { Gate } from '@gatewright/core'
import { type PendingRequest, pendingRequests } from '@gatewright/langchain'
import { gateMiddleware } from '@gatewright/langchain/middleware'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { type BaseCheckpointSaver, Command } from '@langchain/langgraph'
import { createAgent, HumanMessage, tool } from 'langchain'
import { z } from 'zod'

/** What the janitor works with. Gate and checkpointer outlive the program where their stores do. */
export interface Setup {
  readonly model: BaseChatModel
  readonly gate: Gate
  readonly checkpointer: BaseCheckpointSaver
  /** Deletes for real. */
  readonly deleteUser: (id: string) => Promise<void>
}

/** An agent that tidies up users. It stops while people decide: no process has to wait for them. */
export function createJanitor({ checkpointer, deleteUser, gate, model }: Setup) {
  const listUsers = tool(async () => 'ada (left in March), ben (active)', {
    name: 'listUsers',
    description: 'Lists the users.',
    schema: z.object({}),
  })
  const remove = tool(
    async ({ id }) => {
      await deleteUser(id)
      return `deleted ${id}`
    },
    { name: 'deleteUser', description: 'Deletes a user for good.', schema: z.object({ id: z.string() }) },
  )
  const agent = createAgent({
    name: 'janitor',
    model,
    tools: [listUsers, remove],
    checkpointer,
    // The last in the list: it gates what those before it bring.
    middleware: [gateMiddleware({ gate, wait: 'suspend' })],
  })

  return {
    begin: (task: string, thread_id: string) =>
      agent.invoke({ messages: [new HumanMessage(task)] }, { configurable: { thread_id } }),
    /** What a thread waits for; empty when it is done. */
    async waitsFor(thread_id: string): Promise<readonly PendingRequest[]> {
      return pendingRequests(await agent.graph.getState({ configurable: { thread_id } }))
    },
    /** Goes on: what is undecided waits on, and what the thread is resumed with decides nothing. */
    async goOn(thread_id: string) {
      const waiting = await this.waitsFor(thread_id)
      const resume = Object.fromEntries(waiting.map(({ interruptId }) => [String(interruptId), true]))
      return agent.invoke(new Command({ resume }), { configurable: { thread_id } })
    },
  }
}
