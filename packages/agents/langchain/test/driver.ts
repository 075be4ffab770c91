import type {
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  SuiteTool,
} from '@gatewright/testing/agents'
import { HumanMessage } from '@langchain/core/messages'
import { type StructuredToolInterface, tool } from '@langchain/core/tools'
import { type BaseCheckpointSaver, Command, MemorySaver } from '@langchain/langgraph'
import { agentGraph, reactGraph } from './graphs'
import { ScriptedModel, type ToldOf } from './scripted-model'

/** What the driver needs of a compiled graph; `createAgent` keeps its own within. */
export interface Graph {
  stream(input: unknown, config: object): Promise<AsyncIterable<unknown>>
  getState(config: object): Promise<Snapshot>
  getStateHistory(config: object): AsyncIterable<Snapshot>
}

interface Snapshot {
  readonly next: readonly string[]
  readonly config: object
  readonly tasks: readonly { readonly interrupts: readonly { readonly id?: string }[] }[]
}

/** What a graph of the driver is made of. */
export interface GraphParts {
  readonly options: AgentParts['options']
  readonly name: string
  readonly model: ScriptedModel
  readonly tools: StructuredToolInterface[]
  /** Sub-agents as tools. */
  readonly agents: StructuredToolInterface[]
  readonly checkpointer?: BaseCheckpointSaver
}

/** A graph, and how another tool gets into it. */
export interface Made {
  readonly graph: Graph
  /** As the framework is given them. */
  readonly tools: object
  add(tool: StructuredToolInterface): void
}

interface Saved {
  readonly checkpointer: MemorySaver
  readonly script: readonly ModelTurn[]
  readonly thread: string
}

const CANNOT = {
  'malformed-json':
    'the packages of the providers parse the arguments, and put what is no JSON where no tool node looks (`invalid_tool_calls`)',
  'tool-timeout': 'tools have no time-out of their own; that of the run counts everything',
} as const

/** LangGraph: a graph of one's own, with its `ToolNode` over `gateTools`. */
export const graphHarness: AgentHarness = {
  cannot: CANNOT,
  create: (parts) => createUnderTest(parts, reactGraph),
}

/** LangChain: `createAgent` with `gateMiddleware`. */
export const agentHarness: AgentHarness = {
  cannot: {
    ...CANNOT,
    guard: 'the middleware gates calls, not a list',
  },
  create: (parts) => createUnderTest(parts, agentGraph),
}

function createUnderTest(
  { agents = [], options, saved, tools }: AgentParts,
  make: (parts: GraphParts) => Made,
): AgentUnderTest {
  let { checkpointer, script, thread } = (saved ?? {
    checkpointer: new MemorySaver(),
    script: [],
    thread: 'run-1',
  }) as Saved
  let told: ToldOf = new Map()

  const subAgents = agents.map(({ description, name, script: says, tools: inner }) => {
    const model = new ScriptedModel(
      () => says,
      () => told,
    )
    const { graph } = make({ options, name, model, tools: inner.map(toolOf), agents: [] })
    const run = async () => {
      await collected(await graph.stream({ messages: [new HumanMessage('go')] }, {}))
      return 'done'
    }
    const schema = { type: 'object', properties: { task: { type: 'string' } } } as const
    return tool(run, { name, description, schema }) as unknown as StructuredToolInterface
  })
  const made = make({
    options,
    name: 'scripted-agent',
    model: new ScriptedModel(
      () => script,
      () => told,
    ),
    tools: tools.map(toolOf),
    agents: subAgents,
    checkpointer,
  })

  async function go(input: unknown, at: object, { onPart, signal }: RunHow): Promise<AgentRun> {
    told = new Map()
    const config = { ...at, ...(signal === undefined ? {} : { signal }), streamMode: ['updates', 'tools'] }
    try {
      const interrupted = await collected(await made.graph.stream(input, config), onPart)
      return { status: interrupted ? 'suspended' : 'done', told }
    } catch (error) {
      return { status: 'failed', told, error }
    }
  }

  return {
    run(turns, how = {}) {
      script = turns
      thread = how.runId ?? 'run-1'
      return go({ messages: [new HumanMessage('go')] }, { configurable: { thread_id: thread } }, how)
    },
    async again(how = {}) {
      const config = { configurable: { thread_id: thread } }
      const { tasks } = await made.graph.getState(config)
      const waiting = tasks.flatMap(({ interrupts }) => interrupts.map(({ id }) => id))
      if (waiting.length > 0) {
        const word = how.forged ? { approved: true, decisions: [{ type: 'approve' }] } : 'look'
        return go(new Command({ resume: Object.fromEntries(waiting.map((id) => [id, word])) }), config, how)
      }
      for await (const { config: at, next } of made.graph.getStateHistory(config))
        if (next.includes('tools')) return go(null, at, how)
      throw new Error('no turn with calls')
    },
    addTool: (added) => made.add(toolOf(added)),
    tools: () => made.tools,
    saved: () => ({ checkpointer, script, thread }) satisfies Saved,
  }
}

/** Whether the run was interrupted; its parts in words. */
async function collected(
  stream: AsyncIterable<unknown>,
  onPart: RunHow['onPart'] = () => {},
): Promise<boolean> {
  let interrupted = false
  for await (const part of stream) {
    const words = JSON.stringify(part, (key, value) => (MADE_UP.has(key) ? undefined : value))
    interrupted ||= words.includes('__interrupt__')
    onPart(words)
  }
  return interrupted
}

/** What differs in every run. */
const MADE_UP: ReadonlySet<string> = new Set(['id', 'run_id', 'ts'])

function toolOf({ description, name, run, schema, stream }: SuiteTool): StructuredToolInterface {
  type Config = { readonly signal?: AbortSignal }
  const work =
    stream === undefined
      ? (input: unknown, { signal }: Config) => run(input, signal)
      : async function* (input: unknown, { signal }: Config) {
          let last = ''
          for await (const value of stream(input, signal)) {
            last = value
            yield value
          }
          return last
        }
  return tool(work as never, { name, description, schema }) as unknown as StructuredToolInterface
}
