import { OptionError } from '@gatewright/core'
import { type AgentOptions, gateToolCalls } from '@gatewright/core/agents'
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
  return gatedList(tools, gatingOf(options, 'gateTools', tools))
}

/** @throws OptionError naming the option that is wrong or unknown */
export function gatingOf(options: GateToolsOptions, where: string, tools: readonly object[]): Gating {
  const gated = gateToolCalls(options, where, ['elsewhere'])
  const { elsewhere = [] } = options
  if (!Array.isArray(elsewhere) || !elsewhere.every((name) => typeof name === 'string'))
    throw new OptionError(`${where}.elsewhere`, 'must be a list of the names of tools')
  gated.are(tools.map(nameOf))
  return { gated, where, elsewhere: new Set(elsewhere) }
}

/** The list, which gates what is put into it. */
export function gatedList<Tools extends readonly object[]>(tools: Tools, gating: Gating): Tools {
  const gateOne = (tool: object): object => gatedCopy(tool, gating)
  return new Proxy(tools.map(gateOne), {
    defineProperty(target, key, descriptor) {
      if (!('value' in descriptor)) throw new OptionError(gating.where, 'a tool may not be a getter')
      const { value } = descriptor
      const isTool = key !== 'length' && typeof value === 'object' && value !== null
      return Reflect.defineProperty(
        target,
        key,
        isTool ? { ...descriptor, value: gateOne(value) } : descriptor,
      )
    },
    setPrototypeOf: () => false,
  }) as object as Tools
}
