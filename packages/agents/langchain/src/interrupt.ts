import { GatewrightError } from '@gatewright/core'

const TYPE = 'gatewright.approval'

/** A call that waits in a suspended graph. */
export interface PendingRequest {
  readonly requestId: string
  readonly tool: string
  /** For `new Command({ resume: { [interruptId]: true } })`. What is given there decides nothing. */
  readonly interruptId: string | undefined
}

/** Where LangGraph says what a graph waits for: the result of `invoke`, a chunk of `stream`, or what `getState` gives. */
export interface Suspended {
  readonly __interrupt__?: readonly LangGraphInterrupt[] | undefined
  readonly tasks?: readonly { readonly interrupts?: readonly LangGraphInterrupt[] }[] | undefined
}

interface LangGraphInterrupt {
  readonly id?: string | undefined
  readonly value?: unknown
}

/** The calls that wait for people in a suspended graph; other interrupts are left out. Empty when it does not wait. */
export function pendingRequests(from: unknown): readonly PendingRequest[] {
  const { __interrupt__ = [], tasks = [] } = (from ?? {}) as Suspended
  return [...__interrupt__, ...tasks.flatMap(({ interrupts = [] }) => interrupts)].flatMap(
    ({ id, value }) => {
      const { requestId, tool, type } = (value ?? {}) as Record<string, unknown>
      if (type !== TYPE || typeof requestId !== 'string') return []
      return [{ requestId, tool: String(tool), interruptId: id }]
    },
  )
}

/**
 * Suspends the graph until it is resumed, and returns then. What it is resumed with is not looked at: the decision is in the
 * gate's store, where the caller looks again (T39).
 *
 * @throws what suspends LangGraph; `ERR_APPROVAL_PENDING` where there is no graph that could suspend
 */
export async function suspend(pending: GatewrightError, tool: string): Promise<void> {
  try {
    const { interrupt } = await import('@langchain/langgraph')
    interrupt({ type: TYPE, requestId: pending.requestId, tool })
  } catch (cause) {
    if (isBubbleUp(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new GatewrightError(
      pending.code,
      `${tool} waits for approval and was not executed. Nothing here can be suspended (${why}): give the graph a checkpointer, or let calls wait inline.`,
      { cause, ...(pending.requestId === undefined ? {} : { requestId: pending.requestId }) },
    )
  }
}

/** Whether an error steers LangGraph, by its own mark: nothing but the graph may catch it. */
export function isBubbleUp(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && (error as { is_bubble_up?: unknown }).is_bubble_up === true
  )
}
