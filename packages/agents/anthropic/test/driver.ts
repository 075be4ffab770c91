import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { GatewrightError } from '@gatewright/core'
import type {
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  SuiteTool,
  Told,
} from '@gatewright/testing/agents'
import { gateRunner, gateTools } from '../src'
import { type Asked, type ModelServer, modelServer, type Reply } from './model-server'

/** How the tools get gated. */
export type How = 'gateRunner' | 'gateTools'

type Runner = ReturnType<Anthropic['beta']['messages']['toolRunner']>
type Params = Parameters<Anthropic['beta']['messages']['toolRunner']>[0]
type Tool = Params['tools'][number]
type Messages = Params['messages']

interface Saved {
  /** What the conversation ends with, and what the model says next. */
  readonly messages: Messages
  readonly script: readonly ModelTurn[]
  readonly runId: string
}

/** An agent of the SDK: its tool runner, over a model behind HTTP. */
export function harness(how: How): AgentHarness {
  const always = {
    'malformed-json': 'the API sends arguments as JSON values',
    generator: 'tools do not yield',
    'tool-timeout': 'tools have no time-out of their own',
    'own-approval': 'there is none',
  }
  return {
    cannot:
      how === 'gateRunner'
        ? { ...always, 'sub-agent': 'every tool is gated, the one that starts the sub-agent too' }
        : {
            ...always,
            intent: 'a tool is not handed what the model says beside a call',
            suspend: 'the runner tells its model whatever a tool throws',
            'later-tool': 'a list cannot know of `addTools`',
          },
    create: (parts) => createAgent(how, parts),
  }
}

const FIRST: Messages = [{ role: 'user', content: 'go' }]

function createAgent(how: How, { agents = [], options, saved, tools }: AgentParts): AgentUnderTest {
  const found = saved as Saved | undefined
  let { messages, runId, script } = found ?? { messages: FIRST, runId: 'run-1', script: [] }
  const later: Tool[] = []
  const told = new Map<string, Told>()
  const servers: ModelServer[] = []

  const shared = { agent: 'scripted-agent', runId: () => runId, ...options }
  const gated = (list: readonly SuiteTool[], agent: string): Tool[] =>
    options === null ? list.map(sdkTool) : gateTools(list.map(sdkTool), { ...named, ...shared, agent })
  const named = { model: 'scripted-model' }
  const own = how === 'gateTools' ? gated(tools, 'scripted-agent') : tools.map(sdkTool)
  const subAgents = agents.map((agent) => {
    const inner = gated(agent.tools, agent.name)
    return betaTool({
      name: agent.name,
      description: agent.description,
      inputSchema: { type: 'object', properties: { task: { type: 'string' } } },
      async run() {
        const { runner } = await runnerOf(inner, agent.script, FIRST, {})
        await runner.runUntilDone()
        return 'done'
      },
    })
  })

  /** A runner is a promise of its last message: hence in an object. */
  async function runnerOf(
    list: readonly Tool[],
    turns: readonly ModelTurn[],
    from: Messages,
    { onPart, signal }: RunHow,
  ): Promise<{ readonly runner: Runner }> {
    const server = await modelServer(scripted(turns, told))
    servers.push(server)
    const client = new Anthropic({ apiKey: 'fake', baseURL: server.url, maxRetries: 0 })
    const runner = client.beta.messages.toolRunner(
      {
        model: 'scripted-model',
        max_tokens: 1_000,
        messages: [...from],
        tools: list as Tool[],
        stream: onPart !== undefined,
      },
      signal === undefined ? {} : { signal },
    ) as Runner
    return { runner }
  }

  async function made(how_: RunHow): Promise<{ readonly runner: Runner }> {
    const { runner } = await runnerOf([...own, ...subAgents], script, messages, how_)
    if (how === 'gateRunner' && options !== null) gateRunner(runner, shared)
    if (later.length > 0) runner.addTools(...later)
    return { runner }
  }

  async function go(how_: RunHow, resume: boolean): Promise<AgentRun> {
    told.clear()
    const { runner } = await made(how_)
    try {
      const answers = resume ? await runner.generateToolResponse() : null
      if (answers) runner.pushMessages(answers)
      for await (const item of runner) {
        if (how_.onPart && 'on' in item) for await (const event of item) how_.onPart(JSON.stringify(event))
      }
      return { status: 'done', told }
    } catch (error) {
      if (!GatewrightError.isInstance(error) || error.code !== 'ERR_APPROVAL_PENDING')
        return { status: 'failed', told, error }
      messages = runner.params.messages
      return { status: 'suspended', told }
    }
  }

  // Options are checked when the agent is made, also by a runner that is made later.
  const client = new Anthropic({ apiKey: 'fake', baseURL: 'http://127.0.0.1:9' })
  const params = { model: 'scripted-model', max_tokens: 1, messages: FIRST, tools: own }
  const first = client.beta.messages.toolRunner(params)
  if (how === 'gateRunner' && options !== null) gateRunner(first, shared)

  return {
    run(turns, how_ = {}) {
      script = turns
      runId = how_.runId ?? 'run-1'
      messages = FIRST
      return go(how_, false)
    },
    again: (how_ = {}) => go(how_, messages.at(-1)?.role === 'assistant'),
    addTool: (tool) => void later.push(sdkTool(tool)),
    tools: () => first.params.tools,
    saved: () => ({ messages, script, runId }) satisfies Saved,
    async dispose() {
      for (const server of servers) await server.close()
    },
  }
}

function sdkTool({ description, name, run, schema }: SuiteTool): Tool {
  return betaZodTool({
    name,
    description,
    inputSchema: schema,
    run: (args, context) => run(args, context?.signal ?? undefined),
  }) as Tool
}

/**
 * Says the turns of the script after those that the conversation holds, and keeps what it is told. Later requests send the
 * new messages alone: the API keeps the thread.
 */
function scripted(script: readonly ModelTurn[], told: Map<string, Told>): (asked: Asked) => Reply {
  let next: number | undefined
  return ({ messages }) => {
    for (const block of messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))) {
      if (block.type !== 'tool_result') continue
      const { content, is_error, tool_use_id } = block
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      told.set(String(tool_use_id), { text, error: is_error === true })
    }
    next ??= messages.filter(({ role }) => role === 'assistant').length
    const turn = script[next]
    next += 1
    if (turn === undefined) return { content: [{ type: 'text', text: 'done' }], stopReason: 'end_turn' }
    const said = turn.say === undefined ? [] : [{ type: 'text', text: turn.say }]
    const calls = turn.calls.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.tool,
      input: JSON.parse(call.arguments),
    }))
    return { content: [...said, ...calls], stopReason: 'tool_use' }
  }
}
