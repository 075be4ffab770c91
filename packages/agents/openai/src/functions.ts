import { currentSession, OptionError, type StandardSchema } from '@gatewright/core'
import { type AgentOptions, type GatedToolCall, gateToolCalls, type ToolCall } from '@gatewright/core/agents'
import { allAnswered, answerText } from './answer'
import { readArguments } from './arguments'
import { definitionOf, type FunctionCall, type FunctionDefinition } from './definition'
import {
  type CallOutput,
  type ChatCompletion,
  type ChatMessage,
  type ChatTool,
  type OutputItem,
  type ResponseLike,
  type ResponseTool,
  spokenIn,
  type ToolMessage,
  textIn,
} from './wire'

/** What the program knows of a turn, where the answer of the provider does not tell it. */
export type TurnCall = Pick<ToolCall, 'runId' | 'model' | 'agent' | 'intent' | 'signal' | 'traceparent'>

/** What goes with a call past its snapshot. */
type Live = Pick<FunctionCall, 'callId'>

/** Gated functions, for loops over Chat Completions or Responses. */
export interface GatedFunctions {
  /** For `tools` of `chat.completions.create`. */
  readonly chatTools: ChatTool[]
  /** For `tools` of `responses.create`. */
  readonly responseTools: ResponseTool[]
  /**
   * Answers every call of an assistant's message, all of them at once.
   *
   * @param from - the completion, whose id and model then are the run's; or its message alone
   * @throws what a function itself threw; `ERR_APPROVAL_PENDING` where calls wait suspended; what else the host must hear
   */
  chat(from: ChatCompletion | ChatMessage, call?: TurnCall): Promise<ToolMessage[]>
  /** The same for the calls of a response, of functions and of custom tools; other items are left out. */
  responses(from: ResponseLike, call?: TurnCall): Promise<CallOutput[]>
}

/**
 * Gates functions for loops that a program writes itself: it hands `chatTools` or `responseTools` to the provider, and has
 * `chat` or `responses` answer what comes back. What is not JSON, does not fit the schema, or calls no function is answered
 * without asking anybody.
 *
 * @throws OptionError naming what is wrong with a function or an option
 *
 * @example
 * ```ts
 * const functions = gateFunctions({
 *   deleteUser: {
 *     description: 'Deletes a user.',
 *     parameters: z.object({ id: z.string() }),
 *     execute: ({ id }) => users.delete(id),
 *   },
 * })
 * const completion = await client.chat.completions.create({ model, messages, tools: functions.chatTools })
 * messages.push(completion.choices[0].message, ...(await functions.chat(completion)))
 * ```
 */
export function gateFunctions<Schemas extends { readonly [name: string]: StandardSchema }>(
  functions: { readonly [Name in keyof Schemas]: FunctionDefinition<Schemas[Name]> },
  options: AgentOptions = {},
): GatedFunctions {
  const where = 'gateFunctions'
  const gated = gateToolCalls(options, where)
  const names = Object.keys(functions)
  gated.are(names)
  const known = new Map<string, GatedToolCall<Live>>()
  const chatTools: ChatTool[] = []
  const responseTools: ResponseTool[] = []
  for (const name of names) {
    const definition = functions[name] as FunctionDefinition | undefined
    const { description, parameters, strict, execute, schema } = definitionOf(definition, `${where}.${name}`)
    const said = { name, ...(description === undefined ? {} : { description }), parameters }
    chatTools.push({ type: 'function', function: { ...said, ...(strict === undefined ? {} : { strict }) } })
    responseTools.push({
      type: 'function',
      strict: false,
      description: null,
      ...said,
      ...(strict && { strict }),
    })
    const run = (args: unknown, live?: Live) => execute(args as never, liveCall(live))
    known.set(name, gated.of({}, name, run, schema))
  }

  /** T33: servers that only look like the API may leave a call without its name: that is no reason to lose the others. */
  async function answer(
    name: string | null | undefined,
    text: unknown,
    callId: string,
    turn: TurnCall,
  ): Promise<string> {
    const call = known.get(name ?? '')
    if (call === undefined || !name) return unknownFunction(name, names)
    const read = readArguments(name, text)
    if ('text' in read) return read.text
    return answerText(await call(read.args, { callId }, { ...turn, callId }))
  }

  return {
    chatTools,
    responseTools,
    async chat(from, call = {}) {
      const { id, model, message } = messageOf(from)
      const turn = { runId: id, model, intent: textIn(message?.content), ...given(call) }
      return allAnswered(
        (message?.tool_calls ?? []).map(async (one): Promise<ToolMessage> => {
          const { name, arguments: text } = one.function ?? { name: one.custom?.name, arguments: null }
          return { role: 'tool', tool_call_id: one.id, content: await answer(name, text, one.id, turn) }
        }),
      )
    },
    async responses({ id, model, output }, call = {}) {
      const turn = { runId: id, model, intent: spokenIn(output), ...given(call) }
      return allAnswered(
        output.filter(isCall).map(async (one): Promise<CallOutput> => {
          const { call_id, name, type, arguments: text } = one
          return { type: `${type}_output`, call_id, output: await answer(name, text, call_id, turn) }
        }),
      )
    },
  }
}

function liveCall(live: Live | undefined): FunctionCall {
  const session = currentSession()
  return {
    callId: live?.callId,
    // The session's aborts when the loop's does. It is made when a function looks at it.
    get signal() {
      return session?.signal ?? AbortSignal.any([])
    },
  }
}

function messageOf(from: ChatCompletion | ChatMessage) {
  if (!('choices' in from)) return { message: from }
  return { id: from.id, model: from.model, message: from.choices[0]?.message }
}

/** A custom tool is answered too: by a name that no function has. */
function isCall(item: OutputItem): item is OutputItem & {
  type: 'function_call' | 'custom_tool_call'
  call_id: string
} {
  return item.type === 'function_call' || item.type === 'custom_tool_call'
}

/** What the program itself says, without what it leaves open. */
function given(call: TurnCall): TurnCall {
  if (typeof call !== 'object' || call === null) throw new OptionError('call', 'must be an object')
  return Object.fromEntries(Object.entries(call).filter(([, value]) => value !== undefined))
}

function unknownFunction(name: unknown, names: readonly string[]): string {
  return `There is no function ${typeof name === 'string' && name ? name.slice(0, 60) : 'without a name'}. Nothing was executed. There are: ${names.join(', ')}.`
}
