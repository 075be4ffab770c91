import { OptionError } from '@gatewright/core'
import { GATED } from '@gatewright/core/agents'
import { gateOne } from './gate-one'
import { type AiSdkOptions, readOptions, type Settings } from './options'
import type { AnyTool } from './tool'

/**
 * Puts the gate in front of every tool of a record, for `generateText`, `streamText` and agents of AI SDK 6 and 7. The tools
 * keep their exact types. What is put into the record later is gated too, by assignment or by `Object.defineProperty` (T32).
 *
 * A call that may not run throws a {@link ToolRefusedError}, of which the SDK makes a `tool-error`: its model reads why, and
 * goes on.
 *
 * @param tools - is not changed
 * @throws OptionError naming the option that is wrong or unknown, or the tool that runs elsewhere
 * @example
 * ```ts
 * const tools = gateTools({ deleteUser, sendMail }, { gate, runId: chatId })
 * const result = streamText({ model, messages, tools })
 * ```
 */
export function gateTools<Tools extends Readonly<Record<string, AnyTool>>>(
  tools: Tools,
  options: AiSdkOptions = {},
): Tools {
  return gateRecord(tools, readOptions(options, 'gateTools'))
}

/**
 * The same for one tool. It keeps its exact type.
 *
 * @param name - as the model knows it
 * @throws OptionError naming the option that is wrong or unknown; for a tool that has no `execute`, or that the provider runs
 */
export function gateTool<Tool extends AnyTool>(name: string, tool: Tool, options: AiSdkOptions = {}): Tool {
  const settings = readOptions(options, 'gateTool')
  settings.gated.are([name])
  return gated(settings, name, tool)
}

/** The record that takes no ungated tool. */
export function gateRecord<Tools extends Readonly<Record<string, AnyTool>>>(
  tools: Tools,
  settings: Settings,
): Tools {
  if (typeof tools !== 'object' || tools === null)
    throw new OptionError(settings.where, 'takes a record of tools by their names')
  const names = Object.keys(tools)
  settings.gated.are(names)
  // Without a prototype: a model may call a tool `constructor`.
  const record: Record<string, AnyTool> = Object.create(null)
  for (const name of names) record[name] = gated(settings, name, tools[name])
  return new Proxy(record, {
    defineProperty(target, name, descriptor) {
      if (typeof name !== 'string') return Reflect.defineProperty(target, name, descriptor)
      // An accessor could answer with another tool each time.
      if (descriptor.get !== undefined || descriptor.set !== undefined)
        throw new OptionError(`${settings.where}.${name}`, 'must be a tool, not an accessor')
      if (!('value' in descriptor)) return Reflect.defineProperty(target, name, descriptor)
      return Reflect.defineProperty(target, name, {
        // What cannot be configured must be what was given: the ungated tool.
        configurable: true,
        ...descriptor,
        value: gated(settings, name, descriptor.value),
      })
    },
    setPrototypeOf: () => false,
  }) as Tools
}

function gated<Tool extends AnyTool>(
  { also, elsewhere, gated, where }: Settings,
  name: string,
  tool: Tool | undefined,
): Tool {
  if (typeof tool !== 'object' || tool === null)
    throw new OptionError(`${where}.${name}`, 'is not a tool of the AI SDK')
  const { execute } = tool
  if (typeof execute !== 'function' || tool.isProviderExecuted === true) {
    if (elsewhere.has(name)) {
      // The SDK runs here what has an `execute`, whatever else the tool says of itself.
      const { execute: _, ...kept } = tool
      return Object.freeze(kept) as Tool
    }
    throw new OptionError(
      `${where}.${name}`,
      'runs at the provider or in the browser, where no gate can hold it. Leave it out, or name it in "elsewhere" if it may run unasked',
    )
  }
  if (elsewhere.has(name))
    throw new OptionError(`${where}.elsewhere`, `names ${name}, which runs here, and is gated`)
  const isGated = Object.hasOwn(execute, GATED)
  if (also === undefined) return isGated ? fixed(tool, execute) : gateOne(gated, name, tool)
  if (isGated) throw new OptionError(`${where}.${name}`, 'is gated already: give the tool itself')
  return gateOne(gated, name, tool, also(name))
}

/** T32: a gated tool that stays so. A copy of one, or one whose `execute` was wrapped by hand, could be given another. */
function fixed<Tool extends AnyTool>(tool: Tool, execute: object): Tool {
  const { configurable, value, writable } = Object.getOwnPropertyDescriptor(tool, 'execute') ?? {}
  if (value === execute && configurable === false && writable === false) return tool
  return Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    execute: { value: execute, enumerable: true },
  })
}
