import { currentSession } from '@gatewright/core'
import { GATED, type GatedTools, parsedInput } from '@gatewright/core/agents'
import { checkOf, type InputCheck } from './edit-schema'
import { type Handover, handedOver } from './handover'
import { editNotes } from './model-output'
import { ToolRefusedError } from './refused'
import { type AnyTool, type Execute, type ExecuteOptions, isAsyncIterable, isGenerator } from './tool'

/** What a call brings past the snapshot. */
interface Live {
  readonly options: ExecuteOptions
  /** Where values go that the tool yields before its last. */
  readonly handover: Handover | null
}

/**
 * The same tool, whose `execute` is gated and stays so: it is read-only.
 *
 * @param also - what it has in place of its own
 */
export function gateOne<Tool extends AnyTool>(
  gated: GatedTools,
  name: string,
  tool: Tool,
  also: object = {},
): Tool {
  const execute = tool.execute as Execute
  let known: InputCheck | undefined
  // When it is first called: a schema may be made then.
  const check = (): InputCheck => {
    known ??= checkOf(tool)
    return known
  }
  const inputs = parsedInput((value) => check().check(value))
  const notes = editNotes(tool)
  const call = gated.of<Live>({}, name, run, inputs.schema)

  async function run(input: unknown, live: Live | undefined): Promise<unknown> {
    const session = currentSession()
    const made = execute.call(tool, input, {
      messages: [],
      ...live?.options,
      // The session's aborts when the SDK's does. It is made when a tool looks at it.
      get abortSignal() {
        return session?.signal
      },
    } as ExecuteOptions)
    if (!isAsyncIterable(made)) return made
    // The session lasts until the last value.
    let last: unknown
    for await (const value of made) {
      last = value
      if (live?.handover && !(await live.handover.give(value)))
        throw new Error('nobody wanted its further values')
    }
    return last
  }

  async function answer(input: unknown, live: Live): Promise<unknown> {
    const { abortSignal, toolCallId } = live.options
    const ask = () => call(input, live, { callId: toolCallId, signal: abortSignal })
    const said = await (check().isTheSdks ? inputs.during(input, ask) : ask())
    if (said.status === 'refused') throw new ToolRefusedError(said.refusal, said.text)
    notes.keep(toolCallId, said.changed)
    return said.result
  }

  const own: Execute = isGenerator(execute)
    ? async function* (input, options) {
        yield* handedOver(
          (handover) => answer(input, { options, handover }),
          // A result that was kept of an earlier delivery.
          (result, given) => (given === 0 && result !== undefined ? [result] : []),
        )
      }
    : (input, options) => answer(input, { options, handover: null })
  Object.defineProperty(own, GATED, { value: true })
  return Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    ...Object.getOwnPropertyDescriptors(also),
    toModelOutput: { get: () => notes.toModelOutput, enumerable: true },
    execute: { value: own, enumerable: true },
  })
}
