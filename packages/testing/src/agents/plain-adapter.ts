import { isDeepStrictEqual } from 'node:util'
import { currentSession, GatewrightError, OptionError, type StandardSchema } from '@gatewright/core'
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
  /** The context that a call has at the gate. */
  context(call: LoopCall, options: AdapterOptions): Parameters<AdapterOptions['gate']['as']>[0]
  /** What a call without a result becomes: a text, or an error for the loop. */
  refusal(error: unknown, call: LoopCall): string
  /** What the model is told of a result. */
  result(text: string, edited: boolean): string
  /** The arguments that the gated function gives to the tool. */
  input(approved: unknown, proposed: unknown): unknown
  /** The signal that the tool is given: the loop's, and that of the session. */
  signal(theirs: AbortSignal | undefined, ours: AbortSignal | undefined): AbortSignal | undefined
  /** Runs the tool, within the session. */
  work(run: () => Promise<string>): Promise<string>
  /** Makes a tool gated. */
  gate(tool: LoopTool, schema: StandardSchema, options: AdapterOptions, parts: PlainParts): LoopTool
  /** Has what is added later gated too. */
  later(tools: LoopTools, gateOne: (tool: LoopTool) => LoopTool): LoopTools
  /** Has a tool of a sub-agent gated. */
  inner(tool: LoopTool, gateOne: (tool: LoopTool) => LoopTool): LoopTool
  /** Checks the options. */
  check(options: AdapterOptions, names: readonly string[]): void
}

/** An adapter as it should be, for a loop that a program writes itself: core alone. */
export const rightParts: PlainParts = {
  context: ({ callId, runId, signal, say }, { wait }) => ({
    callId,
    runId,
    model: 'scripted-model',
    ...(say === undefined ? {} : { intent: say }),
    ...(signal === undefined ? {} : { signal }),
    ...(wait === undefined ? {} : { wait }),
  }),
  refusal(error) {
    if (!GatewrightError.isInstance(error)) throw error
    if (error.code === 'ERR_APPROVAL_PENDING') throw new Suspension()
    // Our side is down: nothing for a model to act on.
    if (OURS.has(error.code)) throw new StopRun('the gate cannot answer', { cause: error })
    throw error
  },
  result: (text, edited) => (edited ? `${text}\nA reviewer changed these arguments before it ran.` : text),
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
  check(options, names) {
    const unknown = Object.keys(options).find((name) => !['gate', 'wait', 'tools'].includes(name))
    if (unknown !== undefined) throw new OptionError(`gateTools.${unknown}`, 'there is no such option')
    const nobody = Object.keys(options.tools ?? {}).find((name) => !names.includes(name))
    if (nobody !== undefined) throw new OptionError(`gateTools.tools.${nobody}`, 'there is no such tool')
  },
}

const OURS: ReadonlySet<string> = new Set([
  'ERR_GATE_CLOSED',
  'ERR_GATE_SEALED',
  'ERR_AUDIT_UNAVAILABLE',
  'ERR_STORE_UNAVAILABLE',
])

type ActionArguments = Readonly<Record<string, unknown>>

interface Live {
  readonly call: LoopCall
  readonly proposed: unknown
  yielded(value: string): void
  edited(): void
}

function gateTool(
  tool: LoopTool,
  schema: StandardSchema,
  options: AdapterOptions,
  parts: PlainParts,
): LoopTool {
  const { gate } = options
  const gated = gate.requireApproval(
    function (this: Live, input: unknown): Promise<string> {
      const { call, proposed } = this
      const args = parts.input(input, proposed)
      if (!isDeepStrictEqual(input, proposed)) this.edited()
      const signal = parts.signal(call.signal, currentSession()?.signal)
      // The loop's limit counts from here: people's time is over.
      return limited(
        tool.timeoutMs,
        parts.work(() => drained(tool.execute(args, { ...call, signal }), this.yielded)),
      )
    },
    {
      action: `tool.${tool.name}`,
      input: schema as StandardSchema<unknown, ActionArguments>,
      ...options.tools?.[tool.name],
    },
  )

  async function ask(args: unknown, call: LoopCall, yielded: Live['yielded']): Promise<string> {
    let edited = false
    const live: Live = {
      call,
      proposed: args,
      yielded,
      edited() {
        edited = true
      },
    }
    try {
      const text = await gate.as(parts.context(call, options), () => gated.call(live, args))
      return parts.result(text, edited)
    } catch (error) {
      return parts.refusal(error, call)
    }
  }

  const { execute } = tool
  const isGenerator = execute.constructor.name === 'AsyncGeneratorFunction'
  const own = isGenerator
    ? (args: unknown, call: LoopCall) => queued((yielded) => ask(args, call, yielded))
    : (args: unknown, call: LoopCall) => ask(args, call, () => {})
  Object.defineProperty(own, Symbol.for('gatewright.gated.v1'), { value: true })
  return { ...tool, timeoutMs: undefined, execute: own }
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
  if (options !== null) {
    const inner = agents.flatMap((agent) => agent.tools)
    parts.check(
      options,
      [...tools, ...inner].map(({ name }) => name),
    )
  }
  const schemas = new Map<LoopTool, StandardSchema>()
  const loopTool = (tool: SuiteTool): LoopTool => {
    const made = loopToolOf(tool, toolTimeoutMs)
    schemas.set(made, tool.schema)
    return made
  }
  const gateOne = (tool: LoopTool): LoopTool => {
    const schema = schemas.get(tool)
    return options === null || schema === undefined ? tool : parts.gate(tool, schema, options, parts)
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
