import { OptionError } from '@gatewright/core'
import {
  type AgentOptions,
  GATED,
  type GatedToolCall,
  gatedList,
  gateToolCalls,
} from '@gatewright/core/agents'
import { answerText } from './answer'
import { checkedBy, readArguments } from './arguments'

/** A tool for `runTools` of the `openai` package: a runnable function, or what `zodFunction` makes. */
export interface RunnableTool {
  readonly type: 'function'
  readonly function: object
}

/** What the runner hands to a function. */
interface Runner {
  readonly controller?: { readonly signal?: AbortSignal }
  readonly messages: readonly {
    readonly role: string
    readonly content?: unknown
    readonly tool_calls?: readonly RunnerCall[]
  }[]
  allChatCompletions(): readonly { readonly id: string; readonly model: string }[]
}

interface RunnerCall {
  readonly id: string
  readonly function?: { readonly name: string; readonly arguments: string }
}

interface Live {
  readonly runner: Runner
  readonly toolContext: unknown
}

interface Parts {
  readonly name: string
  readonly parse: ((text: string) => unknown) | undefined
  readonly run: (args: unknown, runner: unknown, toolContext: unknown) => unknown
}

/**
 * Gates every tool for `client.chat.completions.runTools`, and those that are added to the list later (T32). They keep their
 * types. The model is told of a refusal, and of arguments that are wrong, in place of a result; the run goes on.
 *
 * @throws OptionError naming what is wrong with the options, or the tool that cannot be gated
 */
export function gateRunnableTools<Tools extends readonly RunnableTool[]>(
  tools: Tools,
  options: AgentOptions = {},
): Tools {
  const where = 'gateRunnableTools'
  const gated = gateToolCalls(options, where)
  if (!Array.isArray(tools)) throw new OptionError(where, 'takes a list of tools')
  gated.are(tools.map((tool) => partsOf(tool, where).name))
  const taken = new WeakMap<object, Set<string>>()

  function gateOne(tool: RunnableTool): RunnableTool {
    if (Object.hasOwn(tool, GATED)) return tool
    const { name, parse, run } = partsOf(tool, where)
    const read = (args: unknown): unknown => (parse === undefined ? args : parse(JSON.stringify(args)))
    async function runTool(args: unknown, live: Live | undefined): Promise<unknown> {
      const given = parse === undefined ? JSON.stringify(args) : await read(args)
      return run(given, live?.runner, live?.toolContext)
    }
    const call: GatedToolCall<Live> = gated.of({}, name, runTool, checkedBy(read))

    async function gatedFunction(text: string, runner: Runner, toolContext: unknown): Promise<string> {
      const found = readArguments(name, text)
      if ('text' in found) return found.text
      const signal = runner.controller?.signal
      const context = { ...turnOf(runner, name, text, taken), signal }
      return answerText(await call(found.args, { runner, toolContext }, context))
    }
    // Without a parser of the runner's: what that throws is told before the gate has seen the call.
    const { $callback: _, parse: __, ...said } = tool.function as Record<string, unknown>
    const own = Object.freeze({ ...said, name, function: gatedFunction })
    const copy = { type: 'function' as const, function: own }
    Object.defineProperty(copy, GATED, { value: true })
    // What is marked stays what was gated: another function in it would pass for that.
    return Object.freeze(copy)
  }

  return gatedList(tools, (tool) => gateOne(tool as RunnableTool), where)
}

function partsOf(tool: RunnableTool, where: string): Parts {
  const {
    $callback,
    $parseRaw,
    function: said,
    type,
  } = tool as RunnableTool & {
    readonly $callback?: unknown
    readonly $parseRaw?: unknown
  }
  const { name, parse, function: own } = (said ?? {}) as Record<string, unknown>
  const run = $callback ?? own
  const called = typeof name === 'string' ? name : (run as { readonly name?: string } | undefined)?.name
  if (type !== 'function' || typeof run !== 'function' || !called) {
    throw new OptionError(
      `${where}.${String(called || type).slice(0, 60)}`,
      'is no function that runs in this program, so no gate can hold it. Leave it out',
    )
  }
  return { name: called, parse: ($parseRaw ?? parse) as Parts['parse'], run: run as Parts['run'] }
}

/**
 * What the runner's conversation tells of a call. The runner says nothing of its id: it is the first call of the newest turn
 * with this name and these arguments that was not taken yet. Equal calls may change places, for they are equal.
 */
function turnOf(runner: Runner, name: string, text: string, taken: WeakMap<object, Set<string>>) {
  const message = [...runner.messages].reverse().find(({ tool_calls }) => tool_calls?.length)
  const completion = runner.allChatCompletions().at(-1)
  const said = { runId: completion?.id, model: completion?.model }
  if (message === undefined) return said
  const used = taken.get(message) ?? new Set()
  taken.set(message, used)
  const call = message.tool_calls?.find(
    ({ function: one, id }) => one?.name === name && one.arguments === text && !used.has(id),
  )
  if (call !== undefined) used.add(call.id)
  return {
    ...said,
    callId: call?.id,
    intent: typeof message.content === 'string' ? message.content : undefined,
  }
}
