import { type AgentOptions, gatedList, gateToolCalls } from '@gatewright/core/agents'
import { runsElsewhere } from './elsewhere'
import { gatedCopies } from './gated-copy'

/** A tool of LangChain, as its own types have it. */
export interface LangChainTool {
  readonly name: string
  invoke(...args: never[]): Promise<unknown>
}

/** How a list of tools is gated. */
export interface GateToolsOptions extends AgentOptions {
  /** Names of tools that run at the provider of the model, where no gate can hold them. They are handed on as they are. @default [] */
  readonly elsewhere?: readonly string[]
}

/**
 * Gates one tool: the same class, name, schema and types, and each call of it asks what policy says. Malformed input is refused
 * before that. A refusal comes back as the `ToolMessage` of the call, with `status: 'error'`; a program that calls `invoke`
 * without a model's call gets it thrown.
 *
 * @throws OptionError naming what is wrong with the options, or why the tool cannot be gated
 *
 * @example
 * ```ts
 * import { gateTool } from '@gatewright/langchain'
 * import { tool } from '@langchain/core/tools'
 * import { z } from 'zod'
 *
 * const deleteUser = gateTool(
 *   tool(async ({ id }) => `deleted ${id}`, {
 *     name: 'deleteUser',
 *     description: 'Deletes a user.',
 *     schema: z.object({ id: z.string() }),
 *   }),
 * )
 * ```
 */
export function gateTool<Tool extends LangChainTool>(tool: Tool, options: AgentOptions = {}): Tool {
  const gated = gateToolCalls(options, 'gateTool')
  gated.are([tool.name])
  return gatedCopies(gated, 'gateTool')(tool)
}

/**
 * Gates every tool of a list, and those that are added to the list later (T32). A tool that is gated already stays as it is.
 *
 * @throws OptionError naming what is wrong with the options, or the tool that cannot be gated
 */
export function gateTools<Tools extends readonly object[]>(
  tools: Tools,
  options: GateToolsOptions = {},
): Tools {
  const where = 'gateTools'
  const gated = gateToolCalls(options, where, ['elsewhere'])
  const isElsewhere = runsElsewhere(options.elsewhere, where)
  const copyOf = gatedCopies(gated, where)
  const gateOne = (tool: object): object => (isElsewhere(tool) ? tool : copyOf(tool))
  gated.are(tools.map((tool) => String((tool as Partial<LangChainTool>).name)))
  return gatedList(tools, gateOne, where)
}
