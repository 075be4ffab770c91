import { isDeepStrictEqual } from 'node:util'
import { type AgentOptions, gateToolCalls, isPending } from '@gatewright/core/agents'
import type { CanUseTool, ClaudeHooks, Hook, HookInput, HookOutput } from './claude-types'
import { runsElsewhere } from './elsewhere'
import { inWords, proposedGrants } from './proposed-grants'

export type { AgentOptions, Refusal, ToolAction } from '@gatewright/core/agents'
export type {
  CanUseTool,
  CanUseToolOptions,
  ClaudeHooks,
  Hook,
  HookInput,
  HookMatcher,
  HookOutput,
  Permission,
  PermissionSuggestion,
} from './claude-types'
export { type ProposedGrant, proposedGrants } from './proposed-grants'

/** How the tools of Claude Code are gated. */
export interface ClaudeGateOptions extends AgentOptions {
  /**
   * Answers what is a question and no deed: `AskUserQuestion` and `ExitPlanMode`, which are not gated.
   *
   * @default they are declined
   */
  readonly questions?: CanUseTool
}

/** Options for `query()`. */
export interface ClaudeGate {
  readonly hooks: ClaudeHooks
  readonly canUseTool: CanUseTool
  /**
   * Says that Claude Code is gone: what waits is cancelled, and how what runs ended is not known (I8). Call it when a query
   * has ended, however it did. It is hidden, so that it is not spread into the options.
   */
  ended(): void
}

/** What asks a person something, and does nothing. */
const QUESTIONS: ReadonlySet<string> = new Set(['AskUserQuestion', 'ExitPlanMode'])

/** Seconds; the gate ends a request before. More than 24 days would be taken for none. */
const WEEK = 7 * 24 * 60 * 60

/**
 * Gates every tool that Claude Code runs, in each permission mode, sub-agents' too: spread it into the options of `query()`.
 * A call is decided in the hook `PreToolUse`, runs in Claude Code, and its end is recorded when Claude Code tells it. Shell
 * commands in the text of skills are decided too; how they ended is not known, for nobody tells it. What Claude Code
 * suggests to allow for ever is shown with the request, and never granted. Make one for each query: its `ended` is for all calls
 * that came by it.
 *
 * @throws OptionError naming what is wrong with the options
 *
 * @example
 * ```ts
 * import { query } from '@anthropic-ai/claude-agent-sdk'
 * import { claudeGate } from '@gatewright/anthropic/claude-agent'
 *
 * const claude = claudeGate({ agent: 'janitor' })
 * try {
 *   for await (const message of query({ prompt: 'Remove the old logs.', options: { ...claude } })) {
 *     console.log(message.type)
 *   }
 * } finally {
 *   claude.ended()
 * }
 * ```
 */
export function claudeGate(options: ClaudeGateOptions = {}): ClaudeGate {
  const runs = runsElsewhere(gateToolCalls(options, 'claudeGate', ['questions']))
  const { questions = decline } = options

  const preToolUse: Hook = async (input, _id, { signal }) => {
    const { session_id: runId, tool_input, tool_name, tool_use_id: callId } = input
    if (tool_name === undefined || callId === undefined) throw new Error('a tool call without its name or id')
    if (QUESTIONS.has(tool_name)) return {}
    const call = { callId, runId, signal, agent: input.agent_type, intent: saidIn(tool_input) }
    try {
      const leave = await runs.ask(tool_name, tool_input, call)
      if (leave.may === 'not run') return decision('deny', { permissionDecisionReason: leave.text })
      return decision('allow', {
        updatedInput: leave.input as Record<string, unknown>,
        ...(isDeepStrictEqual(leave.input, tool_input) ? {} : { additionalContext: CHANGED(tool_name) }),
      })
    } catch (error) {
      // Claude Code ends, and asks again when the session is resumed.
      if (isPending(error)) return decision('defer')
      throw error
    }
  }

  /** A shell command in the text of a skill or command: it runs when that is loaded, by no tool call. Nobody tells its end. */
  const preSkillShell: Hook = async (input, _id, { signal }) => {
    const { command_name, session_id: runId, tool_input, tool_name, tool_use_id: callId } = input
    if (tool_name === undefined || callId === undefined)
      throw new Error('a shell command without its name or id')
    const refuse = (permissionDecisionReason: string) =>
      decision('deny', { hookEventName: 'PreSkillShellCommand', permissionDecisionReason })
    const intent = `It stands in ${command_name}, and runs when Claude Code loads that.`
    try {
      const leave = await runs.ask(tool_name, tool_input, {
        callId,
        runId,
        signal,
        agent: input.agent_type,
        intent,
      })
      if (leave.may === 'not run') return refuse(leave.text)
      if (isDeepStrictEqual(leave.input, tool_input)) return {}
      runs.failed(callId, UNCHANGEABLE)
      return refuse(UNCHANGEABLE)
    } catch (error) {
      if (isPending(error))
        return refuse('It waits for a reviewer. Nothing was executed. Load it again once that is decided.')
      throw error
    }
  }

  const canUseTool: CanUseTool = async (tool, input, said) => {
    const { agentID, signal, suggestions = [], suppressAlwaysAllowRule, toolUseID: callId } = said
    if (QUESTIONS.has(tool)) return questions(tool, input, said)
    // A rule of Claude Code wants a person, and people have decided.
    const allowed = runs.allowed(callId, tool)
    if (allowed !== undefined)
      return { behavior: 'allow', updatedInput: allowed.input as Record<string, unknown> }
    const proposed = suppressAlwaysAllowRule ? [] : proposedGrants(suggestions, options.action)
    const intent = [saidIn(input) ?? [], inWords(proposed)].flat().join('\n')
    // Ids of calls come from the API: no two runs share one.
    const leave = await runs.ask(tool, input, { callId, runId: '', signal, agent: agentID, intent })
    if (leave.may === 'not run') return { behavior: 'deny', message: leave.text }
    return { behavior: 'allow', updatedInput: leave.input as Record<string, unknown> }
  }

  const gate = {
    hooks: {
      PreToolUse: [{ hooks: [preToolUse], timeout: WEEK, onFailure: 'block' }],
      PreSkillShellCommand: [{ hooks: [preSkillShell], timeout: WEEK, onFailure: 'block' }],
      PostToolUse: [told((input) => runs.succeeded(String(input.tool_use_id), input.tool_response))],
      PostToolUseFailure: [
        told((input) => runs.failed(String(input.tool_use_id), input.error ?? 'it failed')),
      ],
      PostToolBatch: [told((input) => endBatch(input))],
      SessionEnd: [told((input) => runs.lost(input.session_id))],
    },
    canUseTool,
  } satisfies Omit<ClaudeGate, 'ended'>

  /** What was allowed here and has no end by now was refused by Claude Code after all. */
  function endBatch({ tool_calls = [] }: HookInput): void {
    for (const { tool_response, tool_use_id } of tool_calls) {
      const words = typeof tool_response === 'string' ? `: ${tool_response}` : ''
      runs.failed(tool_use_id, `Claude Code did not run it after its approval${words}`)
    }
  }

  return Object.defineProperty(gate, 'ended', { value: () => runs.lost() }) as ClaudeGate
}

function told(tell: (input: HookInput) => void): { hooks: Hook[] } {
  const hook: Hook = async (input) => {
    tell(input)
    return {}
  }
  return { hooks: [hook] }
}

function decision(
  permissionDecision: 'allow' | 'deny' | 'defer',
  more: Partial<HookOutput['hookSpecificOutput']> = {},
): HookOutput {
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, ...more } }
}

const UNCHANGEABLE =
  'A reviewer changed this command, and Claude Code runs no changed one in a skill. Nothing was executed.'

const CHANGED = (tool: string): string => `A reviewer changed arguments of this ${tool} call before it ran.`

/** What the model says of a command: Bash has a place for it. */
function saidIn(input: unknown): string | undefined {
  const { description } = (input ?? {}) as { readonly description?: unknown }
  return typeof description === 'string' ? description : undefined
}

const decline: CanUseTool = async (tool) => ({
  behavior: 'deny',
  message: `Nobody answers ${tool} here. Go on without an answer.`,
})
