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
import { type AnyTool, gateTools } from '../src'
import { createChat } from './chat-driver'
import { type Message, type Part, type Reply, type Sdk, says } from './sdk'

type Tools = Record<string, AnyTool>

/** An agent of the SDK: `generateText` or `streamText` over the tools, again and again until the model is done. */
export function harness(sdk: Sdk): AgentHarness {
  return {
    cannot: {
      intent: 'the SDK does not hand its tools what the model says beside a call',
      'tool-timeout': 'the SDK merges its time-outs into the abort signal, which cancels the call',
      'sub-agent-suspend': 'a tool that runs another agent cannot end that of its own',
    },
    create: (parts) => (parts.options?.wait === 'suspend' ? createChat(sdk, parts) : createAgent(sdk, parts)),
  }
}

function createAgent(sdk: Sdk, { options, tools: suiteTools, agents = [] }: AgentParts): AgentUnderTest {
  let runId = 'run-1'
  const told = new Map<string, Told>()

  function gatedTools(list: readonly SuiteTool[], agent = 'scripted-agent'): Tools {
    const raw = Object.fromEntries(list.map((one) => [one.name, sdkTool(sdk, one)]))
    return options === null
      ? raw
      : gateTools(raw, { agent, model: 'scripted-model', runId: () => runId, ...options })
  }

  const tools = gatedTools(suiteTools)
  const subAgents: Tools = Object.fromEntries(
    agents.map((agent) => {
      const inner = gatedTools(agent.tools, agent.name)
      const execute = async (_input: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => {
        const { model, prompts } = sdk.model(replies(agent.script))
        const { text } = await sdk.ai.generateText({
          model,
          tools: inner,
          prompt: 'go',
          stopWhen: sdk.ai.stepCountIs(9),
          abortSignal,
        })
        for (const [id, one] of toldIn(prompts)) told.set(id, one)
        return text
      }
      const inputSchema = sdk.ai.jsonSchema({ type: 'object', properties: { task: { type: 'string' } } })
      return [agent.name, sdk.ai.tool({ description: agent.description, inputSchema, execute })]
    }),
  )

  async function run(script: readonly ModelTurn[], how: RunHow = {}): Promise<AgentRun> {
    runId = how.runId ?? 'run-1'
    told.clear()
    const { model, prompts } = sdk.model(replies(script))
    const settings = {
      model,
      tools: agents.length === 0 ? tools : { ...tools, ...subAgents },
      prompt: 'go',
      stopWhen: sdk.ai.stepCountIs(9),
      abortSignal: how.signal,
    }
    const end = await settle(async () => {
      if (how.onPart === undefined) return void (await sdk.ai.generateText(settings))
      const { fullStream } = sdk.ai.streamText({ ...settings, onError() {} })
      for await (const part of fullStream) {
        if (part.type === 'error') throw part.error
        const words = inWords(part)
        if (words !== null) how.onPart(words)
      }
    })
    for (const [id, one] of toldIn(prompts)) told.set(id, one)
    return { ...end, told }
  }

  return {
    run,
    addTool: (tool) =>
      void Object.defineProperty(tools, tool.name, { value: sdkTool(sdk, tool), enumerable: true }),
    tools: () => tools,
  }
}

export async function settle(work: () => Promise<void>): Promise<Pick<AgentRun, 'status' | 'error'>> {
  try {
    await work()
    return { status: 'done' }
  } catch (error) {
    return { status: 'failed', error }
  }
}

export function sdkTool(sdk: Sdk, { description, schema, run, stream }: SuiteTool): AnyTool {
  const execute =
    stream === undefined
      ? (input: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => run(input, abortSignal)
      : async function* (input: unknown, { abortSignal }: { abortSignal?: AbortSignal }) {
          yield* stream(input, abortSignal)
        }
  return sdk.ai.tool({ description, inputSchema: schema, execute })
}

export function replies(script: readonly ModelTurn[]): Reply[] {
  return [
    ...script.map(({ say, calls }) => ({
      content: [
        ...(say === undefined ? [] : [{ type: 'text', text: say }]),
        ...calls.map((call) => ({
          type: 'tool-call',
          toolCallId: call.id,
          toolName: call.tool,
          input: call.arguments,
        })),
      ],
      finishReason: { unified: 'tool-calls', raw: 'tool-calls' },
    })),
    says('done'),
  ]
}

/** What the model read of each call. */
export function toldIn(prompts: readonly (readonly Message[])[]): readonly (readonly [string, Told])[] {
  return prompts
    .flat()
    .flatMap(({ role, content }) => (role === 'tool' && typeof content !== 'string' ? content : []))
    .filter(({ type }) => type === 'tool-result')
    .map(({ toolCallId, output }) => {
      const { type, value, reason } = output as Part
      const text = value ?? reason
      return [
        String(toolCallId),
        {
          text: typeof text === 'string' ? text : JSON.stringify(text),
          error: type.startsWith('error') || type === 'execution-denied',
        },
      ]
    })
}

/** A part of a stream, without ids and times that are made up. */
function inWords({ type, toolCallId, output, preliminary, error, text }: Part): string | null {
  if (['start', 'start-step', 'finish', 'finish-step'].includes(type)) return type
  return [
    type,
    toolCallId,
    preliminary,
    JSON.stringify(output),
    error === undefined ? '' : String(error),
    text,
  ].join(' ')
}
