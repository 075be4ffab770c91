import * as six from 'ai6'
import { MockLanguageModelV3 } from 'ai6/test'
import * as seven from 'ai7'
import { MockLanguageModelV4 } from 'ai7/test'
import type { AnyTool } from '../src'

/** A part of what a model says, or of what an SDK made of it. */
export interface Part {
  readonly type: string
  readonly [field: string]: unknown
}

/** A message to a model. */
export interface Message {
  readonly role: string
  readonly content: string | readonly Part[]
}

/** One answer of a scripted model. */
export interface Reply {
  readonly content: readonly Part[]
  readonly finishReason: { readonly unified: string; readonly raw: string }
}

/** A scripted model, and what it was told. */
export interface Model {
  readonly prompts: readonly (readonly Message[])[]
  readonly model: unknown
}

/** What the tests use of an SDK, of either major version. */
export interface Sdk {
  readonly major: 6 | 7
  readonly ai: {
    generateText(options: object): Promise<SdkResult>
    streamText(options: object): SdkStream
    stepCountIs(count: number): unknown
    tool(options: object): AnyTool
    dynamicTool(options: object): AnyTool
    jsonSchema(schema: object): unknown
    convertToModelMessages(messages: unknown, options?: object): Promise<Message[]>
    readUIMessageStream(options: object): AsyncIterable<UiMessage>
    ToolLoopAgent: new (settings: object) => { generate(options: object): Promise<SdkResult> }
  }
  model(replies: readonly Reply[]): Model
}

/** A message of a chat UI. */
export interface UiMessage {
  readonly id: string
  readonly role: string
  readonly parts: Part[]
}

/** What `generateText` answers. */
export interface SdkResult {
  readonly text: string
  readonly content: readonly Part[]
  readonly response: { readonly messages: readonly Message[] }
}

/** What `streamText` answers. */
export interface SdkStream {
  readonly fullStream: AsyncIterable<Part>
  readonly response: Promise<{ readonly messages: readonly Message[] }>
  toUIMessageStream(options?: object): ReadableStream<Part>
}

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } }

function scripted(Mock: new (options: never) => object): Sdk['model'] {
  return (replies) => {
    const left = [...replies]
    const prompts: (readonly Message[])[] = []
    const next = ({ prompt }: { prompt: readonly Message[] }): Reply => {
      prompts.push(prompt)
      return left.shift() ?? says('done')
    }
    const model = new Mock({
      modelId: 'scripted-model',
      doGenerate: async (options: never) => ({ ...next(options), usage, warnings: [] }),
      doStream: async (options: never) => ({ stream: streamed(next(options)) }),
    } as never)
    return { prompts, model }
  }
}

function streamed({ content, finishReason }: Reply): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ type: 'stream-start', warnings: [] })
      for (const part of content) {
        if (part.type !== 'text') controller.enqueue(part)
        else {
          controller.enqueue({ type: 'text-start', id: '1' })
          controller.enqueue({ type: 'text-delta', id: '1', delta: part.text })
          controller.enqueue({ type: 'text-end', id: '1' })
        }
      }
      controller.enqueue({ type: 'finish', finishReason, usage })
      controller.close()
    },
  })
}

/** A reply without calls. */
export function says(text: string): Reply {
  return { content: [{ type: 'text', text }], finishReason: { unified: 'stop', raw: 'stop' } }
}

/** A reply with calls, each of them `[id, tool, arguments]`; arguments that are text are these bytes. */
export function calls(...list: readonly (readonly [string, string, unknown])[]): Reply {
  const content = list.map(([toolCallId, toolName, input]) => ({
    type: 'tool-call',
    toolCallId,
    toolName,
    input: typeof input === 'string' ? input : JSON.stringify(input),
  }))
  return { content, finishReason: { unified: 'tool-calls', raw: 'tool-calls' } }
}

/** Both major versions. */
export const sdks: readonly Sdk[] = [
  { major: 6, ai: six as unknown as Sdk['ai'], model: scripted(MockLanguageModelV3 as never) },
  { major: 7, ai: seven as unknown as Sdk['ai'], model: scripted(MockLanguageModelV4 as never) },
]
