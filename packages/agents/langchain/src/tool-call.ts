import type { ToolCall } from '@gatewright/core/agents'

/** What LangChain hands to a tool beside its input; of LangGraph's own, what the gate looks at. */
export interface ToolConfig {
  readonly configurable?: { readonly thread_id?: unknown; readonly checkpoint_ns?: unknown } | undefined
  readonly metadata?: { readonly lc_agent_name?: unknown } | undefined
  readonly signal?: AbortSignal | undefined
  /** The messages, or the state that holds them. Set by tool nodes. */
  readonly state?: unknown
  readonly toolCall?: { readonly id?: string | undefined; readonly args?: unknown } | undefined
}

/** A message of a model, as far as a request tells of it. */
interface AiMessage {
  readonly id?: unknown
  readonly content?: unknown
  readonly tool_calls?: readonly { readonly id?: string }[]
  readonly response_metadata?: { readonly model_name?: unknown; readonly model?: unknown }
}

/**
 * What LangChain tells of a call. The run is the thread and the message that holds the call: the same again when a graph goes
 * on from its checkpoint, in another process too, and another one for each turn (T53).
 */
export function toolCallOf({ configurable, metadata, signal, state, toolCall }: ToolConfig = {}): ToolCall {
  const message = messageOf(state, toolCall?.id)
  const { model, model_name } = message?.response_metadata ?? {}
  return {
    agent: text(metadata?.lc_agent_name),
    callId: toolCall?.id,
    intent: spoken(message?.content),
    model: text(model_name) ?? text(model),
    runId: [configurable?.thread_id, text(message?.id) ?? configurable?.checkpoint_ns]
      .filter((part) => part !== undefined && part !== '')
      .join('/'),
    signal,
  }
}

/** The newest message that holds the call. */
function messageOf(state: unknown, callId: string | undefined): AiMessage | undefined {
  const messages = Array.isArray(state) ? state : (state as { messages?: unknown } | undefined)?.messages
  if (callId === undefined || !Array.isArray(messages)) return undefined
  return [...(messages as AiMessage[])]
    .reverse()
    .find(({ tool_calls }) => tool_calls?.some(({ id }) => id === callId))
}

/** What the model says beside its calls: thoughts and the calls themselves are other blocks. */
function spoken(content: unknown): string | undefined {
  if (!Array.isArray(content)) return text(content)
  const blocks = content as readonly { readonly type?: unknown; readonly text?: unknown }[]
  return blocks
    .filter(({ type }) => type === 'text')
    .map((block) => text(block.text) ?? '')
    .join('')
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
