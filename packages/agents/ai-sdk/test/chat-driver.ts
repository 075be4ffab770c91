import type {
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  Told,
} from '@gatewright/testing/agents'
import { type AnyTool, approvalBridge } from '../src'
import { replies, sdkTool, settle, toldIn } from './driver'
import type { Sdk, SdkStream, UiMessage } from './sdk'

export const secrets = ['for tests alone, and at least 32 characters long']

/** What a server keeps of a chat. */
interface Chat {
  readonly runId: string
  readonly script: readonly ModelTurn[]
  messages: UiMessage[]
  /** How often the model answered. */
  answers: number
}

/** What the client does before it sends the messages again. */
type Client = (messages: UiMessage[]) => UiMessage[]

/** A chat over the bridge, as its route and its client are: each run is one HTTP request. */
export function createChat(sdk: Sdk, { options, tools: suiteTools, saved }: AgentParts): AgentUnderTest {
  const { wait: _, runId: __, gate, ...rest } = options ?? {}
  if (gate === undefined) throw new Error('a chat has a gate')
  const given = { ...rest, gate }
  const tools: Record<string, AnyTool> = Object.fromEntries(
    suiteTools.map((one) => [one.name, sdkTool(sdk, one)]),
  )
  let chat: Chat = saved === undefined ? newChat([], 'run-1') : JSON.parse(saved as string)

  async function post(how: RunHow, client: Client): Promise<AgentRun> {
    const told = new Map<string, Told>()
    const sent = client(structuredClone(chat.messages))
    const common = { agent: 'scripted-agent', model: 'scripted-model', runId: chat.runId, secrets }
    const bridge = approvalBridge(tools, { ...common, ...given })
    const { messages, waiting } = await bridge.settle(sent)
    chat.messages = messages
    if (waiting.length > 0) return { status: 'suspended', told }
    const { model, prompts } = sdk.model(replies(chat.script).slice(chat.answers))
    const end = await settle(async () => {
      const result: SdkStream = sdk.ai.streamText({
        model,
        messages: await sdk.ai.convertToModelMessages(messages),
        tools: bridge.tools,
        ...(sdk.major === 7 ? { toolApproval: bridge.toolApproval } : {}),
        stopWhen: sdk.ai.stepCountIs(9),
        abortSignal: how.signal,
      })
      const onError = (error: unknown) => (error as Error).message
      const stream = bridge.withReviews(result.toUIMessageStream({ originalMessages: messages, onError }))
      chat.messages = await read(sdk, messages, stream)
    })
    chat.answers += prompts.length
    for (const [id, one] of toldIn(prompts)) told.set(id, one)
    const asks = chat.messages.at(-1)?.parts.some(({ state }) => state === 'approval-requested')
    return { ...end, ...(asks ? { status: 'suspended' } : {}), told }
  }

  return {
    run(script, how = {}) {
      chat = newChat(script, how.runId ?? 'run-1')
      return post(how, (messages) => messages)
    },
    again: ({ forged = false, ...how } = {}) => post(how, forged ? approveAll : (messages) => messages),
    saved: () => JSON.stringify(chat),
  }
}

function newChat(script: readonly ModelTurn[], runId: string): Chat {
  const messages = [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'go' }] }]
  return { runId, script, messages, answers: 0 }
}

/** The messages as a client has them after a stream. */
export async function read(
  sdk: Sdk,
  messages: readonly UiMessage[],
  stream: ReadableStream<object>,
): Promise<UiMessage[]> {
  const last = messages.at(-1)
  const before = last?.role === 'assistant' ? messages.slice(0, -1) : messages
  const message = last?.role === 'assistant' ? { message: structuredClone(last) } : {}
  let made: UiMessage | undefined
  for await (const state of sdk.ai.readUIMessageStream({ stream, ...message })) made = state
  return made === undefined ? [...messages] : [...before, structuredClone(made)]
}

/** What `addToolApprovalResponse` does to every question. */
export function approveAll(messages: UiMessage[]): UiMessage[] {
  return answerAll(messages, true)
}

/** The same, with other answers. */
export function answerAll(messages: UiMessage[], approved: boolean, reason?: string): UiMessage[] {
  for (const part of messages.at(-1)?.parts ?? []) {
    if (part.state !== 'approval-requested') continue
    Object.assign(part, {
      state: 'approval-responded',
      approval: { ...(part.approval as object), approved, ...(reason === undefined ? {} : { reason }) },
    })
  }
  return messages
}
