import { askerOf } from './gate-one'
import { traceIdOf } from './options'
import type { FunctionTool } from './tool'

/** What this package reads of a `RunState`. */
export interface AnyRunState {
  getInterruptions(): readonly Interruption[]
  approve(item: never): void
}

interface Interruption {
  readonly name: string | undefined
  readonly arguments?: string | undefined
  readonly rawItem: object
  readonly agent: { getAllTools(context: never): Promise<readonly object[]> }
}

/** An interruption that people have not decided. */
export interface WaitingCall {
  readonly requestId: string
  readonly callId: string
  readonly tool: string
}

/** What became of the interruptions of a run. */
export interface Settled<Item> {
  /** Those that wait for people, who are asked. */
  readonly waiting: readonly WaitingCall[]
  /** Those that are not ours: of ungated tools, and of tools whose own `needsApproval` asks. They are the program's to answer. */
  readonly others: readonly Item[]
}

/**
 * Tells a run's state what became of the calls that it was interrupted for, before `run(agent, state)`. What was decided goes
 * on, a rejection too: its tool then answers with it. The state decides nothing: a call that the SDK was told to approve asks
 * the gate all the same (T39).
 *
 * @param state - of `result.state`, or of `RunState.fromString` with the gated agent, in another process too
 * @throws what the gate throws when it cannot answer
 */
export async function settleInterruptions<State extends AnyRunState>(
  state: State,
): Promise<Settled<ReturnType<State['getInterruptions']>[number]>> {
  type Item = ReturnType<State['getInterruptions']>[number]
  const { _context, _trace } = state as {
    readonly _context?: unknown
    readonly _trace?: { traceId?: unknown }
  }
  const waiting: WaitingCall[] = []
  const others: Item[] = []
  for (const item of state.getInterruptions() as Item[]) {
    const { callId } = item.rawItem as { readonly callId?: string }
    const tools = await item.agent.getAllTools(_context as never)
    const tool = tools.find((one) => (one as FunctionTool).name === item.name) as FunctionTool | undefined
    const asker = tool?.type === 'function' ? askerOf(tool) : undefined
    const call = { text: item.arguments ?? '', callId, traceId: traceIdOf(_trace) }
    const answer = await asker?.asks(call)
    if (answer?.status === 'pending')
      waiting.push({ requestId: String(answer.requestId), callId: String(callId), tool: String(item.name) })
    else if (asker === undefined || (await asker.asksItself(_context, call))) others.push(item)
    else state.approve(item as never)
  }
  return { waiting, others }
}
