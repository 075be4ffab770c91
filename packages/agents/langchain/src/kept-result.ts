import { ToolMessage } from '@langchain/core/messages'

/** Marks what stands for an object of LangChain in a kept result, which is JSON. */
const KEPT = 'gatewright.langchain'

/** What of a tool's result can be kept as JSON: of a message what it says, of a `Command` only that there was one. */
export function keptOf(result: unknown): unknown {
  if (isCommand(result)) return { [KEPT]: 'command' }
  if (!isToolMessage(result)) return result
  const { artifact, content, status } = result
  return { [KEPT]: 'message', content, artifact: artifact ?? null, status: status ?? 'success' }
}

/** A kept result for the call that asks for it again. `null`: it was a `Command`, which is not kept. */
export function revived(kept: unknown, callId: string | undefined, name: string): { value: unknown } | null {
  if (typeof kept !== 'object' || kept === null || !(KEPT in kept)) return { value: kept }
  if (kept[KEPT] !== 'message') return null
  const { artifact, content, status } = kept as unknown as Pick<
    ToolMessage,
    'artifact' | 'content' | 'status'
  >
  const message = new ToolMessage({ content, artifact, tool_call_id: callId ?? '', name })
  if (status !== undefined) message.status = status
  return { value: message }
}

/** A result with a word for the model, where it is made of text; a `Command` is not. */
export function withNote(result: unknown, note: string): unknown {
  if (note === '' || isCommand(result)) return result
  if (isToolMessage(result)) {
    const copy = Object.create(Object.getPrototypeOf(result), Object.getOwnPropertyDescriptors(result))
    return Object.assign(copy, { content: withNote(result.content, note) })
  }
  if (typeof result === 'string') return `${result}\n${note}`
  if (Array.isArray(result) && result.every(isBlock)) return [...result, { type: 'text', text: note }]
  // LangChain would make JSON of it for the model.
  return `${JSON.stringify(result) ?? ''}\n${note}`
}

function isBlock(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'type' in item
}

function isToolMessage(value: unknown): value is ToolMessage {
  return ToolMessage.isInstance(value)
}

/** By its mark: LangGraph need not be installed. */
function isCommand(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { lg_name?: unknown }).lg_name === 'Command'
}
