import { OptionError } from '@gatewright/core'
import { gatedList } from '@gatewright/core/agents'
import {
  tool as sdkTool,
  type ToolInputParameters,
  type ToolOptions,
  type ToolOutputSchema,
} from '@openai/agents'
import { assertElsewhere, FAILED, gateOne, isGated } from './gate-one'
import { type AgentsOptions, readOptions, type Settings, type Whose } from './options'
import type { AnyFunctionTool, Details, FunctionTool } from './tool'
import { gateSearch } from './tool-search'

type ToolMaker = typeof sdkTool

/**
 * Gates one tool. It keeps its name, schema and type; every call of it asks what policy says. A refusal is the tool's result,
 * in words for the model.
 *
 * It takes a finished tool, or the options that `tool()` takes: then what `execute` throws is recorded as failed whatever the
 * SDK tells the model of it.
 *
 * @throws OptionError naming what is wrong with the options, or why the tool cannot be gated
 *
 * @example
 * ```ts
 * const deleteUser = gateTool({
 *   name: 'deleteUser',
 *   description: 'Deletes a user.',
 *   parameters: z.object({ id: z.string() }),
 *   execute: async ({ id }) => users.delete(id),
 * })
 * ```
 */
export const gateTool = ((given: object, options: AgentsOptions = {}) => {
  const settings = readOptions(options, 'gateTool')
  const tool = 'invoke' in given ? given : made(given as Parameters<ToolMaker>[0])
  settings.gated.are([String((tool as Partial<AnyFunctionTool>).name)])
  return gateAny(tool, settings, {})
}) as GateTool

interface GateTool {
  <Tool extends AnyFunctionTool>(tool: Tool, options?: AgentsOptions): Tool
  /** The type of `tool()`. */
  <
    Parameters extends ToolInputParameters = undefined,
    Context = unknown,
    Result = string,
    Output extends ToolOutputSchema | undefined = undefined,
  >(
    toolOptions: ToolOptions<Parameters, Context, Output>,
    options?: AgentsOptions,
  ): ReturnType<typeof sdkTool<Parameters, Context, Result, Output>>
}

/**
 * Gates every tool of a list, and those that are added to it later (T32). The list keeps its type. Agents as tools are made of
 * gated agents, and stay as they are.
 *
 * @throws OptionError naming what is wrong with the options, or the tool that cannot be gated
 */
export function gateTools<Tools extends readonly object[]>(tools: Tools, options: AgentsOptions = {}): Tools {
  const settings = readOptions(options, 'gateTools')
  if (!Array.isArray(tools)) throw new OptionError('gateTools', 'takes a list of tools')
  settings.gated.are(tools.map((tool) => String((tool as Partial<AnyFunctionTool>).name)))
  return gatedList(tools, (tool) => gateAny(tool, settings, {}), settings.where)
}

/** Any tool of a list, gated. @throws OptionError for what no gate can hold */
export function gateAny(tool: object, settings: Settings, whose: Whose): object {
  const { invoke, on, type } = tool as Partial<FunctionTool> & { readonly on?: unknown }
  if (type !== 'function' || typeof invoke !== 'function') {
    assertElsewhere(tool, settings)
    return gateSearch(tool, (found) => gateAny(found, settings, whose))
  }
  const found = tool as FunctionTool
  if (isGated(found)) return found
  // The SDK knows an agent as a tool by its identity: a copy of it could not be resumed.
  if (typeof on === 'function') {
    throw new OptionError(
      `${settings.where}.${found.name.slice(0, 60)}`,
      'is an agent as a tool. Give the agent to gateAgent before you make a tool of it',
    )
  }
  return gateOne(found, settings, whose)
}

/** A tool whose function tells what it threw: the SDK makes a text of it for the model. */
function made(options: Parameters<ToolMaker>[0]): object {
  const { execute } = options as { execute(args: unknown, context: unknown, details?: Details): unknown }
  if (typeof execute !== 'function')
    throw new OptionError('gateTool', 'takes a tool, or the options of one: { name, parameters, execute }')
  return sdkTool({
    ...options,
    name: options.name ?? execute.name,
    async execute(args: unknown, context: unknown, details?: Details) {
      try {
        return await execute.call(options, args, context, details)
      } catch (error) {
        ;(details as { [FAILED]?: () => void } | undefined)?.[FAILED]?.()
        throw error
      }
    },
  } as never)
}
