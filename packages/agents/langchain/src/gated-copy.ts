import { isDeepStrictEqual } from 'node:util'
import { currentSession, type ErrorCode, GatewrightError, OptionError } from '@gatewright/core'
import {
  changedNote,
  GATED,
  type GatedTools,
  isPending,
  parsedInput,
  type ToolAnswer,
  ToolSuspended,
} from '@gatewright/core/agents'
import { ToolMessage } from '@langchain/core/messages'
import { DynamicStructuredTool, DynamicTool, StructuredTool, Tool } from '@langchain/core/tools'
import { checkOf, type TextInput, takesText } from './edit-schema'
import { nameOf } from './elsewhere'
import { isBubbleUp, suspend } from './interrupt'
import { keptOf, revived, withNote } from './kept-result'
import { type ToolConfig, toolCallOf } from './tool-call'

/** LangChain's manager of a run's callbacks, as far as a tool that yields needs it. */
interface RunManager {
  handleToolEvent?(chunk: unknown): Promise<void> | void
}

/** A tool of LangChain: `invoke` checks its input against its schema, and `_call` does what it does. */
interface Runs {
  readonly name: string
  readonly responseFormat?: string
  readonly schema?: unknown
  /** What it was made of. */
  readonly lc_kwargs?: unknown
  _call(input: unknown, runManager: RunManager | undefined, config: ToolConfig): unknown
}

/** What goes with a call past its snapshot. */
interface Live {
  readonly runManager: RunManager | undefined
  readonly config: ToolConfig | undefined
  /** The arguments that the call was made with. */
  readonly shown: unknown
  /** As the tool gave it. */
  result: { readonly value: unknown } | null
}

const isGated = (tool: object): boolean => Object.hasOwn(tool, GATED)

/**
 * Makes the gated copies of tools: of one tool the same one again, whose arguments are not taken for those of another call.
 *
 * @param where - the function that took the tools, for messages
 */
export function gatedCopies(gated: GatedTools, where: string): <Tool extends object>(tool: Tool) => Tool {
  const copies = new WeakMap<object, object>()
  return <Tool extends object>(tool: Tool) => {
    const known = copies.get(tool)
    // By its name too: under another one it is another action.
    if (known !== undefined && nameOf(known) === nameOf(tool)) return known as Tool
    const copy = gatedCopy(tool, gated, where)
    copies.set(tool, copy)
    return copy
  }
}

/**
 * A tool of the same class, name, schema and settings, whose run is gated. It is gated behind LangChain's check of the input,
 * so that nobody is asked about malformed arguments (T33).
 *
 * @throws OptionError for what LangChain does not run by `_call`
 */
function gatedCopy<Tool extends object>(tool: Tool, gated: GatedTools, where: string): Tool {
  if (isGated(tool)) return tool
  const original = running(tool, where)
  const { name, schema } = original
  const inputs = parsedInput(checkOf(schema))
  const text = takesText(schema)
  const run = (input: unknown, live: Live | undefined) =>
    runTool(original, text ? (input as TextInput).input : input, live, input)
  const call = gated.of<Live>(tool, name, run, inputs.schema)

  async function gatedCall(input: unknown, runManager?: RunManager, config?: ToolConfig): Promise<unknown> {
    const shown = text ? { input } : input
    const live: Live = { runManager, config, shown, result: null }
    if (!isPlain(config?.toolCall?.args)) return refuse(original, live, MALFORMED(name))
    for (;;) {
      try {
        const answer = await inputs.during(shown, () => call(shown, live, toolCallOf(config)))
        return resultFor(original, answer, live)
      } catch (error) {
        const thrown = error instanceof ToolSuspended ? error.cause : error
        if (!isPending(thrown)) throw thrown
        await suspend(thrown, name)
      }
    }
  }

  return Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    // Read-only, also where a class has it as a field: what is marked as gated stays so.
    _call: { value: gatedCall },
    // Nor is there a way around by what `tool()` was given, for the tool or for another one that is made of the same.
    ...(Object.hasOwn(tool, 'func') && { func: { value: gatedCall, enumerable: true } }),
    ...(hasFunc(original.lc_kwargs) && {
      lc_kwargs: { value: { ...original.lc_kwargs, func: gatedCall }, enumerable: true, writable: true },
    }),
    [GATED]: { value: true },
  })
}

const hasFunc = (madeOf: unknown): madeOf is object =>
  typeof madeOf === 'object' && madeOf !== null && Object.hasOwn(madeOf, 'func')

/** T32: what has an `invoke` of another kind would run without coming by `_call`. */
function running(tool: object, where: string): Runs {
  const { _call, name } = tool as Partial<Runs>
  const option = `${where}.${nameOf(tool).slice(0, 60)}`
  if (!('invoke' in tool) && typeof _call !== 'function') {
    throw new OptionError(
      option,
      'does not run in this program, but at the provider of the model: no gate can hold it. Leave it out, or name it in "elsewhere" to let it run ungated',
    )
  }
  const own = ownEntry(tool)
  if (typeof name === 'string' && typeof _call === 'function' && own === undefined) return tool as Runs
  throw new OptionError(
    option,
    `has ${own === 'call' ? 'a call' : 'an invoke'} of its own, which a gate cannot hold. Make a tool of it: tool((input, config) => runnable.invoke(input, config), { name, description, schema })`,
  )
}

/** The classes whose `invoke` comes by `call`, and whose `call` comes by `_call`. */
const CLASSES = [StructuredTool, Tool, DynamicTool, DynamicStructuredTool]

/** T32: which way into a tool is not LangChain's own: it may do the work itself, and never come by `_call`. */
function ownEntry(tool: object): 'invoke' | 'call' | undefined {
  const isOurs = tool instanceof StructuredTool
  let entered = false
  for (let holder: object | null = tool; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const entries = (['invoke', 'call'] as const).filter((name) => Object.hasOwn(holder as object, name))
    if (entries.length > 0 && !isOfLangChain(holder, isOurs)) return entries[0]
    entered ||= entries.length === 2
  }
  return entered ? undefined : 'invoke'
}

/** @param isOurs - whether it is of the copy of LangChain that is loaded here; those of another one are known by their names */
function isOfLangChain(holder: object, isOurs: boolean): boolean {
  return CLASSES.some((known) =>
    isOurs
      ? known.prototype === holder
      : Object.hasOwn(holder, 'constructor') && known.name === holder.constructor.name,
  )
}

/**
 * Runs the original: methods that use its private fields find them there.
 *
 * @param args - the input as it was approved, in the form of a model's call
 */
async function runTool(tool: Runs, input: unknown, live: Live | undefined, args: unknown): Promise<unknown> {
  // The session's aborts when the framework's does.
  const signal = currentSession()?.signal
  const { toolCall } = live?.config ?? {}
  // I2: a tool may read its arguments from the model's call, which is not to say what a reviewer has changed.
  const isEdited = toolCall !== undefined && !isDeepStrictEqual(args, live?.shown)
  const config = {
    ...live?.config,
    ...(signal === undefined ? {} : { signal }),
    ...(isEdited && { toolCall: { ...toolCall, args } }),
  }
  try {
    const value = await drained(await tool._call(input, live?.runManager, config), live?.runManager)
    if (live !== undefined) live.result = { value }
    return keptOf(value)
  } catch (error) {
    // A sub-agent within it waits, or the tool interrupts by itself.
    throw isBubbleUp(error) || isPending(error) ? new ToolSuspended(error) : error
  }
}

/** A tool that yields runs to its end within its session; what it yields is told as LangChain tells it. */
async function drained(result: unknown, runManager: RunManager | undefined): Promise<unknown> {
  if (typeof (result as { next?: unknown } | null | undefined)?.next !== 'function') return result
  const generator = result as AsyncGenerator
  try {
    for (;;) {
      const { done, value } = await generator.next()
      if (done) return value
      await runManager?.handleToolEvent?.(value)
    }
  } finally {
    await generator.return?.(undefined)
  }
}

function resultFor(tool: Runs, answer: ToolAnswer, live: Live): unknown {
  const { name, responseFormat } = tool
  const callId = live.config?.toolCall?.id
  if (answer.status === 'refused') return refuse(tool, live, { ...answer.refusal, text: answer.text })
  const found = live.result ?? revived(answer.result, callId, name)
  if (found === null) return refuse(tool, live, NOT_KEPT(name))
  // Without a model's call, a program called it, which wants the result as it is.
  const note = callId === undefined ? '' : changedNote(answer.changed)
  if (responseFormat !== 'content_and_artifact' || !Array.isArray(found.value))
    return withNote(found.value, note)
  const [content, artifact] = found.value
  return [withNote(content, note), artifact]
}

/** Why a call gives no result. */
interface Refused {
  readonly code: GatewrightError<ErrorCode>['code']
  readonly text: string
  readonly requestId?: string | null
}

/** `__proto__` among the arguments: LangGraph makes it their prototype on the way, where no schema looks. */
const MALFORMED = (name: string): Refused => ({
  code: 'ERR_ARGUMENTS_INVALID',
  text: `${name} was not executed. Its arguments may not have a member __proto__. Mend them and call again.`,
})

const NOT_KEPT = (name: string): Refused => ({
  code: 'ERR_ALREADY_EXECUTED',
  text: `${name} did not run again. It already ran, once, and its result is not kept. Do not repeat it.`,
})

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What LangChain is given in place of a result. A program that calls without a model gets it thrown. */
function refuse(
  { name, responseFormat }: Runs,
  { config }: Live,
  { code, requestId, text }: Refused,
): unknown {
  const callId = config?.toolCall?.id
  if (callId === undefined) throw new GatewrightError(code, text, requestId == null ? {} : { requestId })
  const message = new ToolMessage({ content: text, status: 'error', tool_call_id: callId, name })
  return responseFormat === 'content_and_artifact' ? [message, undefined] : message
}
