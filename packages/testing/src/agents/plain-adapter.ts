import { currentSession, GatewrightError, type StandardSchema } from '@gatewright/core'
import { changedNote, GATED, type GatedTools, gateToolCalls, type ToolCall } from '@gatewright/core/agents'
import type { AdapterOptions, AgentHarness, AgentParts, AgentUnderTest, SuiteTool } from './agent-harness'
import {
  type LoopAgents,
  type LoopCall,
  type LoopState,
  type LoopTool,
  type LoopTools,
  lastDelivery,
  limited,
  newState,
  runLoop,
  StopRun,
  Suspension,
} from './plain-loop'

/** The decisions of an adapter, each of which a broken one makes otherwise. */
export interface PlainParts {
  /** Makes what gates the tools, which have these names. */
  room(options: AdapterOptions, names: readonly string[]): GatedTools
  /** What the gate is told of a call. */
  call(call: LoopCall): ToolCall
  /** What the model is told of a refusal: a text, or an error. */
  refused(text: string, call: LoopCall): string
  /** What becomes of an error that is no answer for a model: a text, or an error for the loop. */
  failed(error: unknown): string
  /** What the model is told of a result. */
  result(text: string, changed: readonly string[]): string
  /** The arguments that the gated function gives to the tool. */
  input(approved: unknown, proposed: unknown): unknown
  /** The signal that the tool is given: the loop's, and that of the session. */
  signal(theirs: AbortSignal | undefined, ours: AbortSignal | undefined): AbortSignal | undefined
  /** Runs the tool, within the session. */
  work(run: () => Promise<string>): Promise<string>
  /** Makes a tool gated. */
  gate(
    tool: LoopTool,
    schema: StandardSchema,
    room: GatedTools,
    parts: PlainParts,
    gate: AdapterOptions,
  ): LoopTool
  /** Has what is added later gated too. */
  later(tools: LoopTools, gateOne: (tool: LoopTool) => LoopTool): LoopTools
  /** Has a tool of a sub-agent gated. */
  inner(tool: LoopTool, gateOne: (tool: LoopTool) => LoopTool): LoopTool
}

/** An adapter as it should be, for a loop that a program writes itself. */
export const rightParts: PlainParts = {
  room(options, names) {
    const room = gateToolCalls(options, 'gateTools')
    room.are(names)
    return room
  },
  call: ({ callId, runId, signal, say, agent }) => ({
    callId,
    runId,
    signal,
    agent,
    intent: say,
    model: 'scripted-model',
  }),
  refused(text) {
    throw new Error(text)
  },
  failed(error) {
    if (!GatewrightError.isInstance(error)) throw error
    if (error.code === 'ERR_APPROVAL_PENDING') throw new Suspension()
    // Our side is down: nothing for a model to act on.
    throw new StopRun('the gate cannot answer', { cause: error })
  },
  result: (text, changed) => (changed.length === 0 ? text : `${text}\n${changedNote(changed)}`),
  input: (approved) => approved,
  signal: (theirs, ours) => AbortSignal.any([theirs, ours].filter((one) => one !== undefined)),
  work: (run) => run(),
  gate: gateTool,
  inner: (tool, gateOne) => gateOne(tool),
  later(tools, gateOne) {
    const set = tools.set.bind(tools)
    tools.set = (name, tool) => set(name, gateOne(tool))
    return tools
  },
}

interface Live {
  readonly call: LoopCall
  readonly proposed: unknown
  yielded(value: string): void
}

function gateTool(tool: LoopTool, schema: StandardSchema, room: GatedTools, parts: PlainParts): LoopTool {
  function run(input: unknown, live: Live | undefined): Promise<string> {
    if (live === undefined) throw new Error('the loop is needed to run its tools')
    const { call, proposed, yielded } = live
    const signal = parts.signal(call.signal, currentSession()?.signal)
    const work = () => drained(tool.execute(parts.input(input, proposed), { ...call, signal }), yielded)
    // The loop's limit counts from here: people's time is over.
    return limited(tool.timeoutMs, parts.work(work))
  }
  const gated = room.of<Live>(tool, tool.name, run, schema)

  async function ask(args: unknown, call: LoopCall, yielded: Live['yielded']): Promise<string> {
    let answer: Awaited<ReturnType<typeof gated>>
    try {
      answer = await gated(args, { call, proposed: args, yielded }, parts.call(call))
    } catch (error) {
      return parts.failed(error)
    }
    if (answer.status === 'refused') return parts.refused(answer.text, call)
    return parts.result(String(answer.result), answer.changed)
  }

  const isGenerator = tool.execute.constructor.name === 'AsyncGeneratorFunction'
  const execute = isGenerator
    ? (args: unknown, call: LoopCall) => queued((yielded) => ask(args, call, yielded))
    : (args: unknown, call: LoopCall) => ask(args, call, () => {})
  Object.defineProperty(execute, GATED, { value: true })
  return { ...tool, timeoutMs: undefined, execute }
}

async function drained(
  answer: ReturnType<LoopTool['execute']>,
  yielded: (value: string) => void,
): Promise<string> {
  if (!(Symbol.asyncIterator in answer)) return answer
  let last = ''
  for await (const value of answer) {
    last = value
    yielded(value)
  }
  return last
}

/** Yields what work pushes, as it does, until it ends. */
async function* queued(work: (push: (value: string) => void) => Promise<string>): AsyncGenerator<string> {
  const values: string[] = []
  let wake = () => {}
  let ended = false
  const result = work((value) => {
    values.push(value)
    wake()
  }).finally(() => {
    ended = true
    wake()
  })
  result.catch(() => {})
  for (;;) {
    while (values.length > 0) yield values.shift() as string
    if (ended) break
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  await result
}

/** The loop, gated by the right adapter or by one that is wrong in what `flaws` says. */
export function plainHarness(flaws: Partial<PlainParts> = {}, patienceMs = 5_000): AgentHarness {
  const parts = { ...rightParts, ...flaws }
  return { patienceMs, create: (made) => plainAgent(made, parts) }
}

function plainAgent(
  { options, tools, agents = [], toolTimeoutMs, saved }: AgentParts,
  parts: PlainParts,
): AgentUnderTest {
  const names = [...tools, ...agents.flatMap((agent) => agent.tools)].map(({ name }) => name)
  const room = options === null ? null : parts.room(options, names)
  const schemas = new Map<LoopTool, StandardSchema>()
  const loopTool = (tool: SuiteTool): LoopTool => {
    const made = loopToolOf(tool, toolTimeoutMs)
    schemas.set(made, tool.schema)
    return made
  }
  const gateOne = (tool: LoopTool): LoopTool => {
    const schema = schemas.get(tool)
    return room === null || options === null || schema === undefined
      ? tool
      : parts.gate(tool, schema, room, parts, options)
  }
  const listed = (all: readonly SuiteTool[], gateEach: typeof gateOne): LoopTools =>
    parts.later(new Map(all.map((tool) => [tool.name, gateEach(loopTool(tool))])), gateOne)

  const own = listed(tools, gateOne)
  const subAgents: LoopAgents = new Map(
    agents.map(({ name, script, tools: inner }) => [
      name,
      { script, tools: listed(inner, (tool) => parts.inner(tool, gateOne)) },
    ]),
  )
  let state = saved === undefined ? newState([], 'run-1') : (JSON.parse(saved as string) as LoopState)

  return {
    run(script, how = {}) {
      state = newState(script, how.runId ?? 'run-1')
      return runLoop(state, own, subAgents, how)
    },
    again(how = {}) {
      state = lastDelivery(state)
      return runLoop(state, own, subAgents, how)
    },
    addTool: (tool) => void own.set(tool.name, loopTool(tool)),
    tools: () => [...own.values()],
    saved: () => JSON.stringify(state),
  }
}

function loopToolOf({ name, schema, run, stream }: SuiteTool, timeoutMs: number | undefined): LoopTool {
  return {
    name,
    parse: JSON.parse,
    timeoutMs,
    execute: stream
      ? async function* (args, { signal }) {
          yield* stream(args, signal)
        }
      : (args, { signal }) => run(schema.parse(args), signal),
  }
}
