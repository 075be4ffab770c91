import type { AuditEvent } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { Clock } from '../contracts/clock'
import type { Logger } from '../contracts/logger'
import type { ApprovalRequest } from '../contracts/request'
import type { ApprovalStore } from '../contracts/store'
import type { ActionDefinition } from '../define-action'
import type { PolicySet } from '../policy/policy-set'
import type { Deliveries } from './deliver'
import type { Identities } from './identify'
import type { Lease } from './lease'
import type { Publisher } from './publish'
import type { Running } from './running'
import type { GateSettings } from './settings'
import type { Sweeper } from './sweep'
import type { Waiters } from './wait'

/** A function that a request can be resumed with. */
export interface RegisteredAction {
  readonly action: ActionDefinition
  /** The wrapped function, to tell one from another. `null`: another program has it. */
  readonly source: unknown
  /** `null`: the same name was wrapped twice, or the function needs a `this` that only a call provides. */
  readonly invoke: ((args: unknown[]) => unknown) | null
  /** Why it cannot be resumed, should it come to that. */
  readonly why: string
}

/** Whether calls may still run. */
export type GateState =
  | { readonly status: 'open' }
  | { readonly status: 'sealed'; readonly reason: string; readonly cause: unknown }
  | { readonly status: 'closed' }

/** The collaborators of one gate: everything the engine's functions work on. */
export interface Engine {
  readonly settings: GateSettings
  readonly store: ApprovalStore
  readonly clock: Clock
  readonly logger: Logger
  /** Names this process in leases and in the log; new for every gate. */
  readonly processId: string
  readonly policies: PolicySet
  readonly identities: Identities
  readonly publisher: Publisher
  readonly waiters: Waiters
  readonly deliveries: Deliveries
  readonly sweeper: Sweeper
  readonly lease: Lease
  readonly actions: Map<string, RegisteredAction>
  /** The definitions by which calls of this process wait, by request: several functions may have one action's name. */
  readonly calls: Map<string, ActionDefinition>
  /** Outcomes that the store has not taken yet. Tried again at every sweep. */
  readonly unrecorded: Map<string, () => Awaitable<boolean>>
  /** Calls that this process runs now. */
  readonly running: Running
  state: GateState
  /** A new ulid, monotonic within the gate. */
  newId(): string
  /** Tells listeners. A listener that throws is logged and changes nothing. */
  emit(events: readonly AuditEvent[], request: ApprovalRequest | null): void
  /** Nothing runs any more (I7). */
  seal(reason: string, cause: unknown): void
}
