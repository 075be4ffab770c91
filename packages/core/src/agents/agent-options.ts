import type { WaitMode } from '../ambient'
import { parseWait } from '../call-context'
import type { ActionOptions } from '../contracts/action'
import { normalizeAction } from '../define-action'
import { OptionError } from '../errors'
import type { Gate } from '../gate'
import { type Action, isAction } from '../policy/action'
import { checkFunction, checkText, ifGiven, isObject } from '../values/checks'
import { checkOptions } from '../values/options'
import type { Refusal } from './refusal'

/** What is said of one tool: an action that was defined, or the options of one of its own. */
export type ToolAction = Action | Omit<ActionOptions, 'parameters' | 'facts'>

/**
 * How the tools of an agent are gated: the same for every framework. Every tool is gated, and policy says which calls need
 * people (`when('tool.read_file').allow()`): a list of those to gate would let the forgotten one run (T32).
 */
export interface AgentOptions {
  /** @default the gate named by `setDefaultGate`, looked up at each call */
  readonly gate?: Gate
  /** The action of a tool, from its name. @default {@link toolAction}: `deleteUser` is `tool.delete_user` */
  readonly action?: (tool: string) => string
  /** Actions and options of single tools, by their names. One that no tool has is an error where the tools are known. */
  readonly tools?: { readonly [tool: string]: ToolAction }
  /** The agent's name, where its framework does not tell it. */
  readonly agent?: string
  /** Its model, where its framework does not tell it. */
  readonly model?: string
  /**
   * One run of the agent, the same again after a restart: with the id of a tool call it is the idempotency key, and some
   * providers number calls from 0 in every run (T53). A function is asked at each call.
   *
   * @default what the framework tells
   */
  readonly runId?: string | (() => string | undefined)
  /** How calls wait. @default the gate's */
  readonly wait?: WaitMode
  /** Other words for the model. @default the refusal's text */
  readonly refusal?: (refusal: Refusal) => string
}

const OPTIONS = ['gate', 'action', 'tools', 'agent', 'model', 'runId', 'wait', 'refusal'] as const

/**
 * Checks the options of an adapter: what is misspelt would leave a tool without what was meant for it (T40).
 *
 * @param where - the function that took them, for messages
 * @param more - names of options that the adapter adds, and reads itself
 * @throws OptionError naming the option
 */
export function checkAgentOptions(options: AgentOptions, where: string, more: readonly string[] = []): void {
  checkOptions(options, [...OPTIONS, ...more], where)
  const { action, agent, model, refusal, runId, tools = {}, wait } = options
  ifGiven(action, checkFunction, `${where}.action`)
  ifGiven(refusal, checkFunction, `${where}.refusal`)
  ifGiven(agent, checkText, `${where}.agent`)
  ifGiven(model, checkText, `${where}.model`)
  ifGiven(wait, parseWait, `${where}.wait`)
  if (typeof runId !== 'function') ifGiven(runId, checkText, `${where}.runId`)
  if (!isObject(tools)) throw new OptionError(`${where}.tools`, 'must be an object of actions by tool names')
  for (const [tool, said] of Object.entries(tools)) {
    if (!isAction(said) && !isObject(said))
      throw new OptionError(`${where}.tools.${tool}`, 'must be an action or the options of one')
    // Here and not only at the first call: an adapter may not know its tools before.
    if (!isAction(said)) normalizeAction('tool', said, `${where}.tools.${tool}`)
  }
}
