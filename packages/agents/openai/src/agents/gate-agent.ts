import { OptionError } from '@gatewright/core'
import { GATED, gatedList } from '@gatewright/core/agents'
import { gateAny } from './gate-tool'
import { type AgentsOptions, readOptions, type Settings, type Whose } from './options'

/** What this package reads of an agent. */
export interface AnyAgent {
  readonly name: string
  readonly tools: readonly object[]
  readonly handoffs: readonly object[]
  readonly mcpServers: readonly object[]
  getAllTools(...args: never[]): Promise<object[]>
  asTool(...args: never[]): object
  clone(...args: never[]): object
}

/** What of it is replaced. */
interface Held {
  name: string
  model?: unknown
  tools: readonly object[]
  handoffs: readonly object[]
  readonly mcpServers: readonly object[]
  getAllTools(...args: unknown[]): Promise<object[]>
  asTool(...args: unknown[]): object
  clone(...args: unknown[]): object
  /** Whether its tools are said to the model's provider, and so stand for those of a stored prompt, where it has none. */
  hasExplicitToolConfig(): boolean
}

/**
 * Gates an agent, in place, and answers with it: its tools, those that are added later, those of its MCP servers, of the
 * agents it hands over to, of its clones, and of the tool that `agent.asTool()` makes of it. Give an agent to `gateAgent`
 * before you make a tool of it.
 *
 * @throws OptionError naming what is wrong with the options, or the tool that cannot be gated
 */
export function gateAgent<A extends AnyAgent>(agent: A, options: AgentsOptions = {}): A {
  const settings = readOptions(options, 'gateAgent')
  if (typeof (agent as Partial<AnyAgent> | null)?.getAllTools !== 'function')
    throw new OptionError('gateAgent', 'takes an agent of the Agents SDK')
  gateHeld(agent as object as Held, settings, toolNames(agent as object as Held, settings))
  return agent
}

/** T32: all agents that can be reached, or none: one that is marked and not held would pass for gated the next time. */
function gateHeld(first: Held, settings: Settings, listed: Listed): void {
  const agents = reachable(first).filter((agent) => !Object.hasOwn(agent, GATED))
  const holds = agents.map((agent) => readied(agent, settings, listed))
  for (const agent of agents) Object.defineProperty(agent, GATED, { configurable: true, value: true })
  try {
    for (const hold of holds) hold()
  } catch (error) {
    // A hand-off may name another agent each time it is looked at, and that one may be refused.
    for (const agent of agents) Reflect.deleteProperty(agent, GATED)
    throw error
  }
}

/** Gates the tools of an agent, beside it. @returns what then holds the agent */
function readied(agent: Held, settings: Settings, listed: Listed): () => void {
  const { elsewhere, where } = settings
  const { getAllTools, asTool, clone, handoffs, tools } = agent
  if (isFixed(agent) || handoffs.some((one) => agentOf(one) !== one && isFixed(one)))
    throw new OptionError(
      `${where}.${String(agent.name).slice(0, 60)}`,
      'is frozen, or hands over by something that is, and an agent is gated in place. Gate it before you freeze it',
    )
  // Read at each call: a program may name another model later.
  const whose: Whose = {
    get agent() {
      return agent.name
    },
    get model() {
      return typeof agent.model === 'string' ? agent.model : undefined
    },
  }
  const known = new WeakMap<object, object>()
  function gateEach(tool: object): object {
    const found = known.get(tool) ?? gateAny(tool, settings, whose)
    known.set(tool, found)
    return found
  }
  const gatedTools = gatedList(tools, gateEach, where)

  return () => {
    holdList(agent, 'tools', gatedTools, (items) => gatedList(items, gateEach, where))
    const gateHandoffs = (items: readonly object[]) =>
      gatedList(items, (one) => gateHandoff(one, settings, listed), where)
    holdList(agent, 'handoffs', gateHandoffs(handoffs), gateHandoffs)
    hold(agent, 'getAllTools', async (...args) => {
      const all = (await getAllTools.apply(agent, args)).map(gateEach)
      listed(agent, all)
      return all
    })
    hold(agent, 'asTool', (...args) => {
      const made = asTool.apply(agent, args) as { readonly invoke: object }
      Object.defineProperty(made.invoke, GATED, { value: true })
      return made
    })
    hold(agent, 'clone', (...args) => {
      const made = clone.apply(agent, args)
      gateHeld(made as Held, settings, listed)
      return made
    })
    // Else a prompt that is stored at OpenAI brings its own tools, which run there.
    if (!elsewhere.has('prompt')) hold(agent, 'hasExplicitToolConfig', () => true)
  }
}

/** Whether an agent, or a hand-off, cannot be changed in place. */
function isFixed(one: object): boolean {
  const cannotChange = (name: string) => Object.getOwnPropertyDescriptor(one, name)?.configurable === false
  return !Object.isExtensible(one) || ['tools', 'handoffs', 'onInvokeHandoff'].some(cannotChange)
}

function gateHandoff(handoff: object, settings: Settings, listed: Listed): object {
  gateHeld(agentOf(handoff), settings, listed)
  const hands = handoff as { onInvokeHandoff?: (...args: unknown[]) => Promise<object> }
  const { onInvokeHandoff } = hands
  if (typeof onInvokeHandoff !== 'function') return handoff
  // It may hand over to another agent than it says.
  const value = async (...args: unknown[]) => {
    const agent = await onInvokeHandoff.apply(handoff, args)
    gateHeld(agent as Held, settings, listed)
    return agent
  }
  return Object.defineProperty(handoff, 'onInvokeHandoff', {
    configurable: true,
    enumerable: true,
    value,
    writable: true,
  })
}

/** Replaces a method, so that it is not taken for a setting of the agent. */
function hold<Name extends 'getAllTools' | 'asTool' | 'clone' | 'hasExplicitToolConfig'>(
  agent: Held,
  name: Name,
  value: Held[Name],
): void {
  Object.defineProperty(agent, name, { value })
}

function holdList(
  agent: Held,
  name: 'tools' | 'handoffs',
  gated: readonly object[],
  gateAll: (items: readonly object[]) => readonly object[],
): void {
  let list = gated
  Object.defineProperty(agent, name, {
    enumerable: true,
    get: () => list,
    set(items: readonly object[]) {
      list = gateAll(items)
    },
  })
}

/** Hears which tools an agent has, those of its MCP servers too. */
type Listed = (agent: Held, tools: readonly object[]) => void

/** T40: options of a tool that does not exist are an error as soon as all are known, those of MCP servers when they are listed. */
function toolNames(agent: Held, { gated }: Settings): Listed {
  const agents = reachable(agent)
  const names = new Set(agents.flatMap(({ tools }) => tools.map(nameOf)))
  const unlisted = new Set(agents.filter(({ mcpServers }) => mcpServers.length > 0))
  const check = () => {
    if (unlisted.size === 0) gated.are([...names])
  }
  check()
  return (listing, tools) => {
    if (!unlisted.delete(listing)) return
    for (const tool of tools) names.add(nameOf(tool))
    check()
  }
}

/** An agent and those that it may hand over to. */
function reachable(first: Held): readonly Held[] {
  const found = new Set([first])
  for (const agent of found) for (const handoff of agent.handoffs) found.add(agentOf(handoff))
  return [...found]
}

function agentOf(handoff: object): Held {
  const { agent = handoff } = handoff as { readonly agent?: object }
  return agent as Held
}

const nameOf = (tool: object): string => String((tool as { readonly name?: unknown }).name)
