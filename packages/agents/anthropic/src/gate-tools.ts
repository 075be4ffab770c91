import { type AgentOptions, gatedList, gateToolCalls, namesElsewhere } from '@gatewright/core/agents'
import { type Gating, gatedCopy } from './gated-copy'
import { nameOf, type RunnableTool } from './tool'

/** How the tools of a list, or of a runner, are gated. */
export interface GateToolsOptions extends AgentOptions {
  /**
   * Names of tools that run at Anthropic (web search, code execution, MCP servers), where no gate can hold them. They are
   * handed on as they are; all others are refused.
   *
   * @default none
   */
  readonly elsewhere?: readonly string[]
}

/**
 * Gates one tool of `betaZodTool`, `betaTool` and their like: the same definition and types, and each call of it asks what
 * policy says. A refusal comes back to the model as the `tool_result` of the call, with `is_error`.
 *
 * @throws OptionError naming what is wrong with the options, or why the tool cannot be gated
 *
 * @example
 * ```ts
 * import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
 * import { gateTool } from '@gatewright/anthropic'
 * import { z } from 'zod'
 *
 * const deleteUser = gateTool(
 *   betaZodTool({
 *     name: 'delete_user',
 *     description: 'Deletes a user.',
 *     inputSchema: z.object({ id: z.string() }),
 *     run: async ({ id }) => `deleted ${id}`,
 *   }),
 * )
 * ```
 */
export function gateTool<Tool extends RunnableTool>(tool: Tool, options: AgentOptions = {}): Tool {
  const gated = gateToolCalls(options, 'gateTool')
  gated.are([tool.name])
  return gatedCopy(tool, { gated, where: 'gateTool', elsewhere: new Set() })
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
  const gating = gatingOf(options, 'gateTools', tools)
  return gatedList(tools, (tool) => gatedCopy(tool, gating), gating.where)
}

/** @throws OptionError naming the option that is wrong or unknown */
export function gatingOf(options: GateToolsOptions, where: string, tools: readonly object[]): Gating {
  const gated = gateToolCalls(options, where, ['elsewhere'])
  gated.are(tools.map(nameOf))
  return { gated, where, elsewhere: namesElsewhere(options.elsewhere, where) }
}
