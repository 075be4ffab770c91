import type { AgentRun, ModelTurn, RunHow, ScriptedCall, Told } from './agent-harness'

/** A tool of the loop. */
export interface LoopTool {
  readonly name: string
  /** Reads what the model wrote. */
  parse(text: string): unknown
  /** Answers with a text, or with values of which the last is the result. */
  execute(args: unknown, call: LoopCall): Promise<string> | AsyncGenerator<string>
  /** The loop's limit on the time of a call. */
  readonly timeoutMs?: number | undefined
}

/** What the loop tells a tool of its call. */
export interface LoopCall {
  readonly callId: string
  readonly runId: string
  readonly signal: AbortSignal | undefined
  /** Whose model makes the call. */
  readonly agent: string
  /** What the model said beside the call. */
  readonly say: string | undefined
  /** The loop's own "approved". */
  readonly approved: boolean
  /** The arguments as the model wrote them. */
  readonly text: string
}

/** A tool throws it to have the run end, and the call delivered again when it goes on. */
export class Suspension extends Error {}

/** A tool throws it to have the run fail with `cause`: the model is told nothing. */
export class StopRun extends Error {}

/** The loop's sub-agents, by the name under which a model calls them. */
export type LoopAgents = ReadonlyMap<
  string,
  { readonly script: readonly ModelTurn[]; readonly tools: LoopTools }
>
/** The tools that a loop has now. */
export type LoopTools = Map<string, LoopTool>

/** Where a run stands: plain data, so that another process can go on. */
export interface LoopState {
  readonly agent: string
  readonly script: readonly ModelTurn[]
  readonly runId: string
  readonly answers: Record<string, Told>
  /** Runs of sub-agents, by the call that began them. */
  readonly inner: Record<string, LoopState>
}

interface LoopHow extends RunHow {
  readonly forged?: boolean
}

/** The smallest agent: asks its model, calls the tools that it names, all those of a turn at once, and asks again. */
export async function runLoop(
  state: LoopState,
  tools: LoopTools,
  agents: LoopAgents,
  how: LoopHow,
): Promise<AgentRun> {
  const told = new Map<string, Told>()
  try {
    const status = await goOn(state, tools, agents, how, told)
    if (status === 'done') how.onPart?.('text: done')
    return { status, told }
  } catch (error) {
    return { status: 'failed', told, error: error instanceof StopRun ? error.cause : error }
  }
}

async function goOn(
  state: LoopState,
  tools: LoopTools,
  agents: LoopAgents,
  how: LoopHow,
  told: Map<string, Told>,
): Promise<'done' | 'suspended'> {
  for (const turn of state.script) {
    const waiting = turn.calls.filter(({ id }) => state.answers[id] === undefined)
    const ends = await Promise.allSettled(
      waiting.map(async (call) => {
        state.answers[call.id] = agents.has(call.tool)
          ? await delegated(call, state, agents, how, told)
          : await answered(call, turn, state, tools, how)
      }),
    )
    how.signal?.throwIfAborted()
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    const fatal = failures.find((failure) => !(failure instanceof Suspension))
    if (fatal !== undefined) throw fatal
    if (failures.length > 0) return 'suspended'
    // The next request to the model.
    for (const { id } of turn.calls) told.set(id, state.answers[id] as Told)
  }
  return 'done'
}

async function answered(
  { id, tool: name, arguments: text }: ScriptedCall,
  turn: ModelTurn,
  state: LoopState,
  tools: LoopTools,
  how: LoopHow,
): Promise<Told> {
  how.onPart?.(`call: ${id}`)
  const answer = await toldBy(async () => {
    const tool = tools.get(name)
    if (tool === undefined) throw new Error(`there is no tool ${name}. Nothing was executed.`)
    const args = parsed(tool, text)
    const call: LoopCall = {
      callId: id,
      runId: state.runId,
      agent: state.agent,
      signal: how.signal,
      say: turn.say,
      approved: how.forged === true,
      text,
    }
    return limited(tool.timeoutMs, drained(tool.execute(args, call), id, how))
  })
  how.onPart?.(`result: ${id}: ${answer.text}`)
  return answer
}

async function toldBy(work: () => Promise<string>): Promise<Told> {
  try {
    return { text: await work(), error: false }
  } catch (error) {
    if (error instanceof Suspension || error instanceof StopRun) throw error
    return { text: `Error: ${error instanceof Error ? error.message : String(error)}`, error: true }
  }
}

function parsed(tool: LoopTool, text: string): unknown {
  try {
    return tool.parse(text)
  } catch {
    throw new Error(`the arguments of ${tool.name} are not JSON. Nothing was executed. Send one JSON object.`)
  }
}

async function drained(answer: ReturnType<LoopTool['execute']>, id: string, how: LoopHow): Promise<string> {
  if (!(Symbol.asyncIterator in answer)) return answer
  let last = ''
  for await (const value of answer) {
    how.onPart?.(`value: ${id}: ${value}`)
    last = value
  }
  return last
}

/** Ends waiting, though not the work, after the time. */
export async function limited<T>(ms: number | undefined, work: Promise<T>): Promise<T> {
  if (ms === undefined) return work
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`the tool took longer than ${ms} ms`)), ms)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

async function delegated(
  { id, tool }: ScriptedCall,
  state: LoopState,
  agents: LoopAgents,
  how: LoopHow,
  told: Map<string, Told>,
): Promise<Told> {
  const agent = agents.get(tool)
  if (agent === undefined) throw new Error(`there is no agent ${tool}`)
  state.inner[id] ??= newState(agent.script, `${state.runId}/${id}`, tool)
  const status = await goOn(state.inner[id], agent.tools, agents, how, told)
  if (status === 'suspended') throw new Suspension()
  return { text: 'done', error: false }
}

/** A run that has not begun. */
export function newState(script: readonly ModelTurn[], runId: string, agent = 'scripted-agent'): LoopState {
  return { agent, script, runId, answers: {}, inner: {} }
}

/** The state before the calls of the last turn were answered; where some of them wait, the state as it stands. */
export function lastDelivery(state: LoopState): LoopState {
  const copy = structuredClone(state)
  const calls = copy.script.flatMap((turn) => turn.calls)
  if (calls.every(({ id }) => copy.answers[id] !== undefined))
    for (const { id } of copy.script.at(-1)?.calls ?? []) delete copy.answers[id]
  return copy
}
