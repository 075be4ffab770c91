import { type Gate, OptionError } from '@gatewright/core'
import {
  type AgentOptions,
  type GatedTools,
  gateToolCalls,
  namesElsewhere,
  type ToolCall,
} from '@gatewright/core/agents'
import { getCurrentTrace } from '@openai/agents'

/** How the tools of an agent of the Agents SDK are gated. */
export interface AgentsOptions extends AgentOptions {
  /**
   * Names of tools that no gate can hold, since they are no functions of this program: hosted ones (web search, hosted MCP),
   * computer, shell. Each has to be named; all others are refused. `prompt` names the tools of prompts that are stored at
   * OpenAI: without it an agent has none of them.
   *
   * @default none
   */
  readonly elsewhere?: readonly string[]
}

/** Whose tools they are. */
export interface Whose {
  readonly agent?: string | undefined
  readonly model?: string | undefined
}

/** Checked options. */
export interface Settings {
  readonly gated: GatedTools
  readonly elsewhere: ReadonlySet<string>
  /** The gate that is asked before the SDK runs a tool, so that its run can be interrupted; `null`: calls wait inline. */
  readonly bridge: Gate | null
  /** What a call tells of itself. */
  context(callId: string | undefined, traceId: string | undefined, whose: Whose): ToolCall
  /** The function that took them, for messages. */
  readonly where: string
}

/** @throws OptionError naming the option that is wrong or unknown */
export function readOptions(options: AgentsOptions, where: string): Settings {
  const gated = gateToolCalls(options, where, ['elsewhere'])
  const { gate, wait = 'inline' } = options
  if (wait !== 'inline' && gate === undefined)
    throw new OptionError(`${where}.gate`, 'is needed where runs are interrupted: the gate that is asked')
  return {
    gated,
    where,
    elsewhere: namesElsewhere(options.elsewhere, where),
    bridge: wait === 'inline' ? null : (gate ?? null),
    context: (callId, runId, { agent, model }) => ({ callId, runId, agent, model, wait }),
  }
}

/** The trace of the present run, which a saved `RunState` keeps. `undefined` where tracing is off. */
export function currentTraceId(): string | undefined {
  return traceIdOf(getCurrentTrace())
}

/** A trace's id. Without tracing all traces have the same. */
export function traceIdOf(trace: { readonly traceId?: unknown } | null | undefined): string | undefined {
  const id = trace?.traceId
  return typeof id === 'string' && id !== 'no-op' ? id : undefined
}
