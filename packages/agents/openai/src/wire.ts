/** A tool of a request to Chat Completions. */
export interface ChatTool {
  type: 'function'
  function: {
    name: string
    description?: string
    parameters: Record<string, unknown>
    strict?: boolean
  }
}

/** A tool of a request to Responses. */
export interface ResponseTool {
  type: 'function'
  name: string
  description: string | null
  parameters: Record<string, unknown>
  strict: boolean
}

/** A call in a chat message, of a function or of a custom tool. */
export interface ChatCall {
  readonly id: string
  readonly type: string
  readonly function?: { readonly name: string; readonly arguments: string }
  readonly custom?: { readonly name: string }
}

/** The assistant's message, as Chat Completions give it. */
export interface ChatMessage {
  readonly content?: string | readonly object[] | null
  readonly tool_calls?: readonly ChatCall[] | null
}

/** What Chat Completions answer; of several choices the first counts. */
export interface ChatCompletion {
  readonly id: string
  readonly model: string
  readonly choices: readonly { readonly message: ChatMessage }[]
}

/** A response of the Responses API, as far as it is read. */
export interface ResponseLike {
  readonly id?: string
  readonly model?: string
  readonly output: readonly OutputItem[]
}

/** One item of it. */
export interface OutputItem {
  readonly type: string
  readonly call_id?: string | null
  readonly name?: string | null
  readonly arguments?: unknown
  readonly content?: unknown
}

/** The answer to a call of a chat. */
export interface ToolMessage {
  role: 'tool'
  tool_call_id: string
  content: string
}

/** The answer to a call of a response. */
export interface CallOutput {
  type: 'function_call_output' | 'custom_tool_call_output'
  call_id: string
  output: string
}

/** What a message says: its text, or the texts among its parts, which kept messages and other providers have. */
export function textIn(content: unknown): string | undefined {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : undefined
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('')
}

/** What the model says beside the calls of a response. */
export function spokenIn(output: readonly OutputItem[]): string {
  const blocks = output
    .filter(({ type }) => type === 'message')
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
  return blocks
    .filter((block) => block?.type === 'output_text' && typeof block.text === 'string')
    .map(({ text }) => text)
    .join('')
}
