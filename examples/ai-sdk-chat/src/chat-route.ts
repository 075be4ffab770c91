import { approvalBridge } from '@gatewright/ai-sdk'
import type { Gate, Principal } from '@gatewright/core'
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  isStepCount,
  type LanguageModel,
  streamText,
  tool,
  type UIMessage,
} from 'ai'
import { z } from 'zod'

/** What a chat route needs. */
export interface ChatOptions {
  readonly gate: Gate
  readonly model: LanguageModel
  /** Who sent a request: your sign-in says so, never the messages. `null` for nobody. */
  readonly whoIsIt: (request: Request) => Promise<Principal | null>
  readonly secrets: readonly string[]
  readonly deleteUser: (id: string) => Promise<string>
}

/** The route of a chat whose agent deletes users, for `useChat`. */
export function chatRoute({ gate, model, whoIsIt, secrets, deleteUser }: ChatOptions) {
  const tools = {
    deleteUser: tool({
      description: 'Deletes a user.',
      inputSchema: z.strictObject({ id: z.string() }),
      execute: ({ id }) => deleteUser(id),
    }),
  }

  return async function POST(request: Request): Promise<Response> {
    const person = await whoIsIt(request)
    if (person === null) return new Response('Sign in first.', { status: 401 })
    const { id, messages: sent } = (await request.json()) as { id: string; messages: UIMessage[] }
    const bridge = approvalBridge(tools, { gate, runId: id, secrets })
    await bridge.votes(sent, person)
    const { messages, waiting, questions } = await bridge.settle(sent)
    if (waiting.length > 0) return createUIMessageStreamResponse({ stream: questions() })
    const result = streamText({
      model,
      messages: await convertToModelMessages(messages),
      tools: bridge.tools,
      toolApproval: bridge.toolApproval,
      stopWhen: isStepCount(20),
      abortSignal: request.signal,
    })
    const stream = bridge.withReviews(result.toUIMessageStream({ originalMessages: messages }))
    return createUIMessageStreamResponse({ stream })
  }
}
