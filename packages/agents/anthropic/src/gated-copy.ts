import { currentSession, OptionError } from '@gatewright/core'
import { changedNote, GATED, type GatedTools, type ToolCall } from '@gatewright/core/agents'
import { inputOf } from './check-input'
import { type AnyTool, nameOf, type RunContext } from './tool'

/** How tools are gated. */
export interface Gating {
  readonly gated: GatedTools
  /** The function that took the options, for messages. */
  readonly where: string
  /** Names of tools that run at Anthropic, and may. */
  readonly elsewhere: ReadonlySet<string>
  /** What is known of a call beside its context. */
  readonly callOf?: (callId: string | undefined) => ToolCall
  readonly begins?: () => void
  /** Hears of the end of a call, with the error if that is no answer for a model, before the runner makes one of it. */
  readonly ends?: (...hostErrors: readonly unknown[]) => void
}

/** What a call brings past the snapshot. */
interface Live {
  readonly context: RunContext | undefined
  /** An error for the model: the tool's own, or a refusal. */
  thrown: unknown
}

type Run = (args: unknown, context?: RunContext) => unknown

/**
 * The same tool, whose run is gated. It checks its arguments within the gate, so that they are checked again when a reviewer
 * changed them; a tool that is gated already stays as it is.
 *
 * @throws OptionError for what does not run in this program
 */
export function gatedCopy<Tool extends object>(tool: Tool, gating: Gating): Tool {
  if (Object.hasOwn(tool, GATED)) return tool
  const { elsewhere, gated, where } = gating
  const name = nameOf(tool)
  const { run } = tool as AnyTool
  if (typeof run !== 'function') {
    if (elsewhere.has(name)) return tool
    throw new OptionError(
      `${where}.${name.slice(0, 60)}`,
      'does not run in this program: no gate can hold it. Leave it out, or name it in "elsewhere" if it may run unasked',
    )
  }
  if (elsewhere.has(name))
    throw new OptionError(`${where}.elsewhere`, `names ${name}, which runs here, and is gated`)
  if (typeof (tool as AnyTool).name !== 'string') {
    throw new OptionError(
      `${where}.${name.slice(0, 60)}`,
      'is a toolset, whose members have no tools of their own to gate. Use its "confirm", or make tools of what it does',
    )
  }

  const call = gated.of<Live>(tool, name, runTool, inputOf(tool))

  async function runTool(args: unknown, live: Live | undefined): Promise<unknown> {
    const session = currentSession()
    try {
      return await (run as Run).call(tool, args, {
        ...live?.context,
        // The session's aborts when the runner's does. It is made when a tool looks at it.
        get signal() {
          return session?.signal
        },
      })
    } catch (error) {
      if (live !== undefined) live.thrown = error
      throw error
    }
  }

  const gatedRun: Run = async (args, context) => {
    const live: Live = { context, thrown: undefined }
    const callId = context?.toolUse?.id
    const signal = context?.signal ?? undefined
    const hostErrors: unknown[] = []
    gating.begins?.()
    try {
      const answer = await call(args, live, { ...gating.callOf?.(callId), callId, signal })
      // The runner marks what is thrown as an error, and tells its message.
      if (answer.status === 'refused') {
        live.thrown = new Error(answer.text)
        throw live.thrown
      }
      return withNote(answer.result, changedNote(answer.changed))
    } catch (error) {
      if (error !== live.thrown && !signal?.aborted) hostErrors.push(error)
      throw error
    } finally {
      gating.ends?.(...hostErrors)
    }
  }

  const copy: Tool = Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    ...methodsOf(tool),
  })
  Object.defineProperties(copy, {
    run: { value: gatedRun, enumerable: true },
    parse: { value: (given: unknown) => given, enumerable: true },
    [GATED]: { value: true },
  })
  return copy
}

/** Other methods that the SDK calls, which find the tool's private fields at the tool alone. */
function methodsOf(tool: object): PropertyDescriptorMap {
  const named = tool as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    ['close', 'toJSON'].flatMap((name) => {
      const method = named[name]
      return typeof method === 'function' ? [[name, { value: () => method.call(tool) }]] : []
    }),
  )
}

/** A result is a text, or a list of blocks. */
function withNote(result: unknown, note: string): unknown {
  if (note === '') return result
  const added = { type: 'text', text: note }
  if (Array.isArray(result)) return [...result, added]
  return typeof result === 'string' ? `${result}\n\n${note}` : result
}
