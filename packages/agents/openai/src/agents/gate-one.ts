import { type Answer, currentSession, GatewrightError, OptionError } from '@gatewright/core'
import { changedNote, GATED, type ToolAnswer, ToolFailed } from '@gatewright/core/agents'
import { RunContext } from '@openai/agents'
import { readArguments } from '../arguments'
import { currentTraceId, type Settings, type Whose } from './options'
import { type Details, type FunctionTool, schemaOf } from './tool'

/** What a call brings past the snapshot. */
interface Live {
  readonly context: unknown
  readonly details: Details
}

/** What a run's state tells of a call that it was interrupted for. */
export interface Interrupted {
  readonly text: string
  readonly callId: string | undefined
  readonly traceId: string | undefined
}

/** How to ask about a gated tool. */
export interface Asker {
  /** Asks the gate how a call stands, without running it. */
  asks(call: Interrupted): Promise<Answer>
  /** Whether the tool's own `needsApproval` asks as well. */
  asksItself(runContext: unknown, call: Interrupted): Promise<boolean>
}

/** Under which the tool's own function tells what it threw, before the SDK makes a text of it. */
export const FAILED = Symbol('gatewright.failed')

const askers = new WeakMap<object, Asker>()

/** How to ask about a gated tool; `undefined` where its calls wait inline. */
export function askerOf(tool: FunctionTool): Asker | undefined {
  return askers.get(tool.invoke)
}

export const isGated = (tool: FunctionTool): boolean => Object.hasOwn(tool.invoke, GATED)

/**
 * The same tool, whose `invoke` is gated. Its time-out counts its own time alone: the SDK's clock does not run while people
 * decide, and the tool's own does once it runs (T41).
 */
export function gateOne(
  tool: FunctionTool,
  { bridge, context, gated }: Settings,
  whose: Whose,
): FunctionTool {
  const { name } = tool
  const schema = schemaOf(tool)
  const call = gated.of<Live>(tool, name, runTool, schema)

  async function runTool(args: unknown, live: Live | undefined): Promise<unknown> {
    let failed = false
    const session = currentSession()
    const details = {
      // Without the SDK's mark that the time-out is counted outside.
      ...Object.fromEntries(Object.entries(live?.details ?? {})),
      // The session's aborts when the SDK's does. It is made when a tool looks at it.
      get signal() {
        return session?.signal
      },
      [FAILED]: () => {
        failed = true
      },
    }
    const result = await tool.invoke(live?.context ?? new RunContext(), JSON.stringify(args), details)
    if (failed || saysFailed(tool, result)) throw new ToolFailed(result)
    return result
  }

  async function invoke(runContext: unknown, input: string, details: Details = {}): Promise<unknown> {
    const found = readArguments(name, input)
    if ('text' in found) return refuse(tool, runContext, found.text, details)
    const { signal, toolCall } = details
    const told = { ...context(toolCall?.callId, currentTraceId(), whose), signal }
    const answer = await call(found.args, { context: runContext, details }, told)
    if (answer.status === 'refused') return refuse(tool, runContext, answer.text, details)
    return withNote(tool, answer)
  }
  Object.defineProperty(invoke, GATED, { value: true })

  const own = { ...Object.getOwnPropertyDescriptors(tool), invoke: held(invoke), timeoutMs: held(undefined) }
  if (bridge === null) return Object.create(Object.getPrototypeOf(tool), own)

  const asker: Asker = {
    async asks({ callId, text, traceId }) {
      const found = readArguments(name, text)
      const args = 'args' in found ? found.args : undefined
      const checked = await schema['~standard'].validate(args)
      if (checked.issues) throw new GatewrightError('ERR_ARGUMENTS_INVALID', 'the arguments do not fit')
      const asked = gated.asking(name, context(callId, traceId, whose))
      return bridge.request({ ...asked, args: args as Readonly<Record<string, unknown>> })
    },
    async asksItself(runContext, { callId, text }) {
      return (await tool.needsApproval?.(runContext, JSON.parse(text), callId)) === true
    },
  }
  askers.set(invoke, asker)
  const needsApproval = async (runContext: unknown, args: unknown, callId?: string): Promise<boolean> => {
    const text = JSON.stringify(args)
    if (await asker.asksItself(runContext, { text, callId, traceId: undefined })) return true
    try {
      return (await asker.asks({ text, callId, traceId: currentTraceId() })).status === 'pending'
    } catch {
      // Its run meets the same, and tells the model or the host.
      return false
    }
  }
  return Object.create(Object.getPrototypeOf(tool), { ...own, needsApproval: held(needsApproval) })
}

const held = (value: unknown): PropertyDescriptor => ({ value, enumerable: true })

/** The SDK makes texts of what a tool throws, and of its time-out. */
function saysFailed({ name, timeoutMs }: FunctionTool, result: unknown): boolean {
  return (
    result === 'An error occurred while running the tool. Please try again.' ||
    (timeoutMs !== undefined && result === `Tool '${name}' timed out after ${timeoutMs}ms.`)
  )
}

/** A tool with a schema of its output says itself how failures fit it, as for the SDK's own refusals. */
function refuse(tool: FunctionTool, context: unknown, text: string, { toolCall }: Details): unknown {
  if (tool.outputSchema === undefined) return text
  const error = new GatewrightError('ERR_EXECUTION_BLOCKED', text)
  if (typeof tool.errorFunction !== 'function') throw error
  return tool.errorFunction(context, error, toolCall === undefined ? {} : { toolCall })
}

function withNote(
  { outputSchema }: FunctionTool,
  { changed, result }: ToolAnswer & { readonly status: 'ran' },
): unknown {
  const note = changedNote(changed)
  if (note === '' || outputSchema !== undefined) return result
  if (typeof result === 'string') return `${result}\n${note}`
  return Array.isArray(result) ? [...result, { type: 'text', text: note }] : result
}

/** T32: what runs elsewhere has to be named. */
export function assertElsewhere(tool: unknown, { elsewhere, where }: Settings): void {
  const { name, type } = (tool ?? {}) as { readonly name?: unknown; readonly type?: unknown }
  const called = String(name ?? type).slice(0, 60)
  if (elsewhere.has(called)) return
  throw new OptionError(
    `${where}.${called}`,
    'is not a function of this program, so no gate can hold it. Leave it out, or name it in "elsewhere" to let it run ungated',
  )
}
