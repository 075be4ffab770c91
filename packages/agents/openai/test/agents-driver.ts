import type {
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
  ScriptedCall,
  SuiteAgent,
  SuiteTool,
  Told,
} from '@gatewright/testing/agents'
import { Agent, type Model, Runner, RunState, tool } from '@openai/agents'
import {
  assistantMessage,
  functionCall,
  modelResponder,
  type RecordedModelCall,
  ScriptedModel,
} from '@openai/agents/testing'
import { gateAgent, settleInterruptions } from '../src/agents'

const CANNOT = {
  intent: 'the SDK does not hand its tools what the model says beside a call',
  generator: 'tools do not yield',
} as const

/** Sub-agents as tools: `agent.asTool()`. */
export const asToolHarness: AgentHarness = { cannot: CANNOT, create: (parts) => underTest(parts, 'tool') }

/** Sub-agents by hand-off. */
export const handoffHarness: AgentHarness = { cannot: CANNOT, create: (parts) => underTest(parts, 'handoff') }

interface Saved {
  readonly script: readonly ModelTurn[]
  readonly runId: string
  /** Of a run that was interrupted. */
  readonly state?: string
}

function underTest(
  { agents = [], options, saved, toolTimeoutMs, tools }: AgentParts,
  as: 'tool' | 'handoff',
): AgentUnderTest {
  let { runId, script, state } = (saved ?? { runId: 'run-1', script: [] }) as Saved
  const told = new Map<string, Told>()

  function scripted(turns: () => readonly ModelTurn[]): Model {
    const answer = ({ request: { input } }: RecordedModelCall) => {
      const items = Array.isArray(input) ? input : []
      const called = new Set<string>()
      for (const item of items) {
        if (item.type === 'function_call') called.add(item.callId)
        if (item.type === 'function_call_result')
          told.set(item.callId, { text: textOf(item.output), error: null })
      }
      const turn = turns().find(({ calls }) => calls.some(({ id }) => !called.has(id)))
      if (turn === undefined) return [assistantMessage('done')]
      return [
        ...(turn.say === undefined ? [] : [assistantMessage(turn.say)]),
        ...turn.calls.map((call) =>
          functionCall(calledAs(call.tool), argumentsOf(call), { callId: call.id }),
        ),
      ]
    }
    return new ScriptedModel(Array.from({ length: 20 }, () => modelResponder(answer)))
  }

  function isAgent(name: string): boolean {
    return agents.some((agent) => agent.name === name)
  }

  function calledAs(name: string): string {
    return as === 'handoff' && isAgent(name) ? `transfer_to_${name}` : name
  }

  function argumentsOf({ arguments: text, tool: name }: ScriptedCall): string {
    return as === 'tool' && isAgent(name) ? JSON.stringify({ input: text }) : text
  }

  const sdkTool = ({ description, name, run, schema }: SuiteTool) =>
    tool({
      name,
      description,
      parameters: schema,
      execute: (args, _context, details) => run(args, details?.signal),
      ...(toolTimeoutMs === undefined ? {} : { timeoutMs: toolTimeoutMs }),
    })
  const subAgent = ({ name, tools: inner }: SuiteAgent) =>
    new Agent({ name, model: `model of ${name}`, tools: inner.map(sdkTool) })
  const made = agents.map(subAgent)
  if (options !== null && as === 'tool') for (const one of made) gateAgent(one, options)
  const agent = new Agent({
    name: 'scripted-agent',
    model: 'scripted-model',
    tools: [
      ...tools.map(sdkTool),
      ...(as === 'tool'
        ? made.map((one, index) =>
            one.asTool({ toolName: one.name, toolDescription: agents[index]?.description ?? '' }),
          )
        : []),
    ],
    handoffs: as === 'handoff' ? made : [],
  })
  if (options !== null) gateAgent(agent, options)

  const models = new Map([
    ['scripted-model', () => script],
    ...agents.map(({ name, script: turns }) => [`model of ${name}`, () => turns] as const),
  ])

  async function go(
    input: string | RunState<undefined, typeof agent>,
    { onPart, signal }: RunHow,
  ): Promise<AgentRun> {
    told.clear()
    const runner = new Runner({
      traceId: `trace_${runId}`,
      modelProvider: { getModel: (name) => scripted(models.get(String(name)) ?? (() => [])) },
    })
    const with_ = signal === undefined ? {} : { signal }
    try {
      const result =
        onPart === undefined
          ? await runner.run(agent, input, with_)
          : await runner.run(agent, input, { ...with_, stream: true })
      if (onPart !== undefined && Symbol.asyncIterator in result) {
        for await (const event of result) onPart(inWords(event))
        await result.completed
      }
      state = result.interruptions.length > 0 ? result.state.toString() : state
      return { status: result.interruptions.length > 0 ? 'suspended' : 'done', told: new Map(told) }
    } catch (error) {
      return { status: 'failed', told: new Map(told), error }
    }
  }

  return {
    run(turns, how = {}) {
      script = turns
      runId = how.runId ?? 'run-1'
      state = undefined
      return go('go', how)
    },
    async again(how = {}) {
      if (state === undefined) return go('go', how)
      const restored = await RunState.fromString(agent, state)
      if (how.forged) for (const item of restored.getInterruptions()) restored.approve(item)
      else await settleInterruptions(restored)
      return go(restored as never, how)
    },
    addTool: (added) => void agent.tools.push(sdkTool(added)),
    tools: () => agent.tools,
    saved: () => ({ runId, script, ...(state === undefined ? {} : { state }) }) satisfies Saved,
  }
}

function textOf(output: unknown): string {
  if (typeof output === 'string') return output
  const { text } = output as { readonly text?: unknown }
  return typeof text === 'string' ? text : JSON.stringify(output)
}

/** A part of a stream, without what differs in every run. */
function inWords(event: object): string {
  return JSON.stringify(event, (key, value) => (MADE_UP.has(key) ? undefined : value))
}

const MADE_UP: ReadonlySet<string> = new Set(['id', 'responseId', 'agent'])
