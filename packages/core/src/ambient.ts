import { AsyncLocalStorage } from 'node:async_hooks'
import type { Duration } from './contracts/clock'
import type { Principal } from './contracts/principal'
import type { Session } from './contracts/session'
import { sharedRegistry } from './registry'

/** How a caller waits for a decision: inline (the promise stays pending), not at all, or inline for a while. */
export type WaitMode = 'inline' | 'suspend' | { readonly inlineFor: Duration }

/** What the host program says about the calls it makes inside `gate.as`. None of it comes from arguments. */
export interface CallContext {
  /** The human the agent acts for in these calls. */
  readonly onBehalfOf?: Principal | null
  /** One run of the agent: part of the idempotency key, since providers reuse call ids (T53). */
  readonly runId?: string
  /** One tool call of the run. Gives the call an idempotency key. */
  readonly callId?: string
  /** An idempotency key of the caller's own, instead of run id and call id. */
  readonly key?: string
  /** What the agent says it is doing. Shown as the agent's words. */
  readonly intent?: string
  readonly model?: string
  /** Which of the program's agents makes the calls: a sub-agent's name. Stands beside the gate's own agent, who answers for it. */
  readonly agent?: string
  /** W3C trace context. */
  readonly traceparent?: string
  /** Aborting cancels what waits, and aborts the session's signal of what runs. */
  readonly signal?: AbortSignal
  /** After a failed attempt under the same key: open the next one. @default false */
  readonly retry?: boolean
  readonly wait?: WaitMode
}

/** What surrounds the code that runs now. */
export interface Ambient {
  readonly session: Session | undefined
  readonly context: CallContext
}

const NOTHING: Ambient = { session: undefined, context: {} }

/** The async storage that all copies of the package in this program share. */
export function ambientStorage(): AsyncLocalStorage<Ambient> {
  const registry = sharedRegistry()
  registry.ambient ??= new AsyncLocalStorage<Ambient>()
  return registry.ambient as AsyncLocalStorage<Ambient>
}

/** What surrounds the present call. */
export function ambient(): Ambient {
  const storage = sharedRegistry().ambient as AsyncLocalStorage<Ambient> | undefined
  return storage?.getStore() ?? NOTHING
}
