import { GatewrightError, OptionError } from '@gatewright/core'
import { gateToolCalls, refusalOf } from '@gatewright/core/agents'
import { ToolMessage } from '@langchain/core/messages'
import { type AgentMiddleware, createMiddleware, ToolInvocationError } from 'langchain'
import { nameOf, runsElsewhere } from './elsewhere'
import type { GateToolsOptions } from './gate-tools'
import { gatedCopies } from './gated-copy'
import { isBubbleUp } from './interrupt'
import { refuseOpenCalls } from './open-calls'

export type { AgentOptions } from '@gatewright/core/agents'

/** How the tools of an agent are gated. */
export interface GateMiddlewareOptions extends GateToolsOptions {
  /**
   * What becomes of a tool that fails: with any middleware around its tools, LangChain ends the run. `message` tells the model
   * of it, as an agent without middleware does; `throw` leaves it to another middleware before this one.
   *
   * @default 'message'
   */
  readonly toolErrors?: 'message' | 'throw'
}

/**
 * A middleware for `createAgent` that gates every tool, known or added later (T32). It must be the last in the list: a tool that
 * a later one brings is not seen here, and refused.
 *
 * Malformed input and unknown tools are refused before anybody is asked. With `wait: 'suspend'` a call that waits interrupts the
 * graph, which needs a checkpointer; resumed with whatever value, it looks at the decision of the gate. What tells of the gate's
 * own trouble (`ERR_GATE_CLOSED`, `ERR_AUDIT_UNAVAILABLE` and such) ends the run.
 *
 * @throws OptionError naming what is wrong with the options; from the run, when `tools` names one that the agent does not have,
 * when a tool cannot be gated, or when a run whose calls wait was begun anew in place of resumed
 *
 * @example
 * ```ts
 * import { gateMiddleware } from '@gatewright/langchain/middleware'
 * import { createAgent } from 'langchain'
 *
 * const agent = createAgent({ model: 'openai:gpt-5', tools: [], middleware: [gateMiddleware({ agent: 'janitor' })] })
 * ```
 */
export function gateMiddleware(options: GateMiddlewareOptions = {}): AgentMiddleware {
  const where = 'gateMiddleware'
  const gated = gateToolCalls(options, where, ['elsewhere', 'toolErrors'])
  const isElsewhere = runsElsewhere(options.elsewhere, where)
  const { toolErrors = 'message' } = options
  if (toolErrors !== 'message' && toolErrors !== 'throw')
    throw new OptionError(`${where}.toolErrors`, "must be 'message' or 'throw'")
  const copyOf = gatedCopies(gated, where)

  return createMiddleware({
    name: 'GatewrightMiddleware',
    // Every turn: the tools of an agent may change.
    wrapModelCall(request, handler) {
      refuseOpenCalls(request.messages)
      for (const tool of request.tools) if (!isElsewhere(tool)) copyOf(tool)
      gated.are(request.tools.map(nameOf))
      return handler(request)
    },
    async wrapToolCall(request, handler) {
      const { runtime, tool, toolCall } = request
      const { id = '', name } = toolCall
      const say = (content: string) => new ToolMessage({ content, status: 'error', tool_call_id: id, name })
      // Fail closed: without one, a middleware after this might still find a tool of this name.
      if (tool === undefined) return say(`There is no tool ${name}. ${name} was not executed.`)
      try {
        return await handler({ ...request, tool: copyOf(tool) })
      } catch (error) {
        const isHosts = runtime.signal?.aborted || toolErrors === 'throw' || !isForModel(error, name)
        if (isHosts) throw error
        return say(`${error}\n Please fix your mistakes.`)
      }
    },
  })
}

/** What a tool threw, that is: not what steers the graph, nor LangChain's word on the input, nor the gate's own trouble. */
function isForModel(error: unknown, tool: string): boolean {
  if (isBubbleUp(error) || ToolInvocationError.isInstance(error)) return false
  return !GatewrightError.isInstance(error) || refusalOf(error, tool) !== null
}
